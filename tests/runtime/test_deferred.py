"""Packages that run when something of them is first asked for."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

from nnexp.runtime.deferred import deferred

FILES = {
    "deferred_one/__init__.py": "from deferred_log import ran; ran.append('one'); value = 1",
    "deferred_one/alone.py": "from deferred_log import ran; ran.append('alone'); value = 2",
    "deferred_one/later.py": "from deferred_log import ran; ran.append('later')",
    "deferred_one/below/__init__.py": "from deferred_log import ran; ran.append('below'); value = 3",
    "deferred_one/kinds.py": "from deferred_log import ran; ran.append('kinds'); other = 5\nclass Kind: name = 'kind'",
    "deferred_log.py": "ran = []",
}


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The modules of a package that have run, in their order."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield importlib.import_module("deferred_log").ran
    for name in [name for name in sys.modules if name.startswith("deferred_")]:
        del sys.modules[name]


def put_off(*names: str, whole: tuple[str, ...] = (), early: dict[str, str] | None = None) -> ModuleType:
    """Import these with the package put off; gives the package."""
    with deferred({} if whole else {"deferred_one": early or {}, "deferred_one.below": {}}, whole):
        for name in names:
            importlib.import_module(name)
    return sys.modules["deferred_one"]


def test_a_package_does_not_run_when_it_is_imported(ran: list[str]) -> None:
    put_off("deferred_one")
    assert ran == []


def test_it_runs_once_when_something_of_it_is_asked_for(ran: list[str]) -> None:
    package = put_off("deferred_one")
    assert (package.value, package.value) == (1, 1)
    assert ran == ["one"]
    assert type(package) is ModuleType


def test_what_it_does_not_have_is_an_attribute_error_as_ever(ran: list[str]) -> None:
    package = put_off("deferred_one")
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = package.nothing


def test_a_module_in_it_is_imported_alone_while_it_is_put_off(ran: list[str]) -> None:
    put_off("deferred_one.alone")
    assert ran == ["alone"]


def test_a_module_that_is_imported_later_comes_after_it(ran: list[str]) -> None:
    put_off("deferred_one.alone")
    importlib.import_module("deferred_one.later")
    assert ran == ["alone", "one", "later"]


def test_the_outermost_package_runs_first(ran: list[str]) -> None:
    put_off("deferred_one.below")
    assert sys.modules["deferred_one.below"].value == 3
    assert ran == ["one", "below"]


def test_a_name_that_is_there_early_runs_nothing_else(ran: list[str]) -> None:
    package = put_off("deferred_one", early={"two": "deferred_one.alone:value"})
    assert package.two == 2
    assert ran == ["alone"]


def test_one_that_is_to_run_as_a_whole_runs_before_a_module_in_it(ran: list[str]) -> None:
    put_off("deferred_one", "deferred_one.alone", whole=("deferred_one",))
    assert ran == ["one", "alone"]


def test_who_looks_at_all_modules_runs_none(ran: list[str]) -> None:
    package = put_off("deferred_one")
    assert not hasattr(package, "__wrapped__")
    assert ran == []


def test_one_that_was_imported_before_is_left_alone(ran: list[str]) -> None:
    before = importlib.import_module("deferred_one")
    assert put_off("deferred_one") is before
    assert ran == ["one"]


def test_a_stand_in_for_what_a_module_defines_runs_nothing(ran: list[str]) -> None:
    with deferred({"deferred_one": {}, "deferred_one.kinds": {"Kind": "deferred_one.kinds:Kind"}}):
        from deferred_one.kinds import Kind  # type: ignore[import-not-found]
    assert ran == []
    assert Kind.name == "kind"
    assert Kind().name == "kind"
    assert ran == ["one", "kinds"]


def test_a_module_that_has_run_has_the_thing_itself(ran: list[str]) -> None:
    with deferred({"deferred_one": {}, "deferred_one.kinds": {"Kind": "deferred_one.kinds:Kind"}}):
        module = importlib.import_module("deferred_one.kinds")
    assert module.other == 5
    assert isinstance(module.Kind, type)
    assert ran == ["one", "kinds"]


MEANWHILE = {
    "deferred_two/__init__.py": """
import deferred_order as order
order.package_runs.set()
order.module_runs.wait(10)
import deferred_two.module
value = 1
""",
    "deferred_two/module.py": """
import deferred_order as order
order.module_runs.set()
order.package_runs.wait(10)
import deferred_two
found = getattr(deferred_two, "value", None)
""",
    "deferred_order.py": "import threading; package_runs, module_runs = threading.Event(), threading.Event()",
}


def test_two_threads_that_want_what_the_other_imports_do_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One runs the package, which imports the module; the other imports the module, which asks the package."""
    for name, text in MEANWHILE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    with deferred({"deferred_two": {}}):
        package = importlib.import_module("deferred_two")

    def try_to(step: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # what Python raises in one of them
            step()

    steps = (lambda: package.value, lambda: importlib.import_module("deferred_two.module"))
    threads = [threading.Thread(target=try_to, args=(step,), daemon=True) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    for name in [name for name in sys.modules if name.startswith("deferred_")]:
        del sys.modules[name]
