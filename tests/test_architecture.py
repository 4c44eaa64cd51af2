"""The rooms: imports only go down, and slow ones wait."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import nnexp

PACKAGE = Path(nnexp.__file__).parent

ROOMS = [
    "printable",
    "disk_full",
    "errors",
    "discovery",
    "component",
    "formats",
    "runtime",
    "nn",
    "data",
    "train",
    "stats",
    "plots",
    "settings",
    "identity",
    "tracking",
    "track",  # a name that stores hold
    "launch",
    "study",
    "config",
    "runner",
    "comparison",
    "sweeps",
    "searches",
    "predict",
    "serve",
    "doctor",
    "plugins",
    "notebook",
    "sklearn",
    "mnist_loader",
    "run",
    "cli",
    "__init__",
]


def test_the_page_on_the_rooms_has_them_in_their_order() -> None:
    table = (PACKAGE / "README.md").read_text().partition("\n## ")[0]
    listed = [room for line in table.splitlines() if line.startswith("| ") for room in re.findall(r"\[(\w+)\]", line)]
    assert listed == [room for room in ROOMS if room not in ("track", "__init__")]


def module(file: Path) -> str:
    return ".".join(["nnexp", *file.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


def room(name: str) -> str:
    """The room of a module: `nnexp.data.sources.npz` is in `data`."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@cache
def imported(file: Path) -> set[str]:
    """The modules that a file imports, also within functions and for types alone."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                names.add(whole if whole in MODULES else node.module or "")
    return names


MODULES = {module(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def test_a_file_imports_only_from_its_own_room_and_those_above_it() -> None:
    below = [
        (name, other)
        for name, file in MODULES.items()
        for other in imported(file)
        if other in MODULES and ROOMS.index(room(other)) > ROOMS.index(room(name))
    ]
    assert below == []


def test_every_room_is_in_the_list() -> None:
    assert {room(name) for name in MODULES} == set(ROOMS)


def test_no_files_import_each_other_in_a_circle() -> None:
    left = {name: {other for other in imported(file) if other in MODULES} for name, file in MODULES.items()}
    while free := {name for name, others in left.items() if others.isdisjoint(left)}:
        left = {name: others for name, others in left.items() if name not in free}
    assert left == {}


def test_mlflow_is_known_to_its_own_room_alone() -> None:
    users = {name for name, file in MODULES.items() if any(each.split(".")[0] == "mlflow" for each in imported(file))}
    assert not {name for name in users if not name.startswith("nnexp.tracking.mlflow")}


def test_omegaconf_is_known_to_the_configuration_and_the_front_doors_alone() -> None:
    users = {room(name) for name, file in MODULES.items() if any("omegaconf" in each for each in imported(file))}
    assert users <= {"config", "plugins", "run"}


SLOW = ["mlflow", "numba", "matplotlib", "sklearn", "pandas", "scipy", "rich", "pooch", "PIL", "ray"]


COMPLETING = {"COMP_LINE": "nnexp-run cost=", "COMP_POINT": "15"}  # what a shell tells its completer


def loaded_by(*command: str) -> set[str]:
    """The top-level packages that a command has loaded when it ends."""
    script = f"import sys, atexit; atexit.register(lambda: print('LOADED', *sys.modules)); {'; '.join(command)}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | COMPLETING,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOADED"))
    return {name.split(".")[0] for name in line.split()[1:]}


def test_importing_nnexp_loads_nothing_outside_the_standard_library() -> None:
    assert loaded_by("import nnexp").isdisjoint({*SLOW, "numpy", "hydra", "omegaconf"})


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--cfg", "job"], ["--info"], ["-sc", "query=bash"]],
    ids=["help", "cfg", "info", "completion"],
)
def test_looking_at_the_configuration_loads_nothing_slow(arguments: list[str]) -> None:
    loaded = loaded_by(
        f"sys.argv[1:] = {arguments!r}", "import runpy; runpy.run_module('nnexp.run', run_name='__main__')"
    )
    assert loaded.isdisjoint(SLOW)


@pytest.mark.parametrize("words", ["run activation=re", "verify d8", "presets art"])
def test_a_tab_loads_nothing_slow(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(COMPLETING, "_NNEXP_COMPLETE", "zsh_complete")
    monkeypatch.setitem(COMPLETING, "COMP_WORDS", f"nnexp {words}")
    monkeypatch.setitem(COMPLETING, "COMP_CWORD", "2")
    loaded = loaded_by("from nnexp.cli import main", "main(prog_name='nnexp')")
    assert loaded.isdisjoint({*SLOW, "hydra", "omegaconf", "sqlalchemy"})
