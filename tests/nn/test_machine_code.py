"""Machine code on disk: what is kept is used again by those whom it fits, and what goes wrong with it ends no run."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import pytest
from running import PATIENCE, environment

from nnexp.nn.compiled import machine_code


def twice(number: float) -> float:
    return 2 * number


@pytest.fixture(autouse=True)
def told_again() -> None:
    machine_code._tell_that_nothing_is_kept.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def begun(number: float = 21) -> Any:
    """The function as a process has it that has just begun, made ready for such a number."""
    made = machine_code.ready(machine_code.kept_on_disk()(twice), (numba.typeof(number),))
    assert made(number) == 2 * number
    return made


def was_compiled(function: Any) -> bool:
    stats = function.stats
    assert sum(stats.cache_hits.values()) + sum(stats.cache_misses.values()) == 1
    return bool(stats.cache_misses)


def only(folder: Path, ending: str) -> Path:
    (file,) = folder.glob(f"*/*.{ending}")
    return file


def test_what_one_process_has_compiled_the_next_one_reads(folder: Path) -> None:
    assert was_compiled(begun())
    assert not was_compiled(begun())


def test_arguments_of_other_types_are_compiled_for_and_kept_beside(folder: Path) -> None:
    begun()
    assert was_compiled(begun(0.5))
    assert not was_compiled(begun())


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("left", [0.0, 0.5, 0.9])
def test_a_file_that_was_cut_short_is_made_anew(
    folder: Path, caplog: pytest.LogCaptureFixture, ending: str, left: float
) -> None:
    begun()
    content = only(folder, ending).read_bytes()
    only(folder, ending).write_bytes(content[: int(left * len(content))])
    assert was_compiled(begun())
    (line,) = caplog.messages
    assert line.startswith(f"machine code in {only(folder, ending).parent} is damaged, and is made anew")
    assert not was_compiled(begun())


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_one_damaged_byte_is_seen(folder: Path, caplog: pytest.LogCaptureFixture, place: float) -> None:
    begun()
    content = bytearray(only(folder, "nbc").read_bytes())
    content[int(place * len(content))] ^= 1
    only(folder, "nbc").write_bytes(content)
    assert was_compiled(begun())
    assert "is damaged" in caplog.text


def test_a_file_of_which_only_the_name_was_written_is_made_anew(folder: Path) -> None:
    begun()
    only(folder, "nbc").unlink()
    assert was_compiled(begun())
    assert not was_compiled(begun())


def test_a_file_that_holds_what_was_made_for_other_types_is_made_anew(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun(0.5)
    content = only(folder, "nbc").read_bytes()
    only(folder, "nbi").unlink()
    begun()
    only(folder, "nbc").write_bytes(content)
    assert was_compiled(begun())
    assert "it is of other types" in caplog.text


def test_a_folder_that_can_t_be_made_is_told_once_and_every_process_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "file" / "kept"))
    assert was_compiled(begun())
    assert was_compiled(begun())
    (line,) = caplog.messages
    assert line.startswith(f"machine code can't be kept in {tmp_path / 'file' / 'kept'}")
    assert line.endswith("NUMBA_CACHE_DIR names another folder (Not a directory)")


@pytest.fixture
def no_room() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("no_room")
def test_a_full_disk_is_told_and_leaves_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert was_compiled(begun())
    assert "machine code can't be kept" in caplog.text
    assert list(folder.glob("*/*")) == []


def test_what_another_numba_has_kept_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr(numba, "__version__", "0.1")
        begun()
    assert was_compiled(begun())


def test_what_another_version_of_our_code_has_kept_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr(machine_code, "_version", lambda: "another")
        begun()
    assert was_compiled(begun())
    assert (folder / "another").is_dir()


def test_what_another_python_keeps_has_files_of_its_own(folder: Path) -> None:
    begun()
    assert f"py{sys.version_info[0]}{sys.version_info[1]}" in only(folder, "nbi").name


TRAINED = """
import numpy as np
from nnexp.nn.compiled import loop, rules
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network

network = Network([64, 12, 10], engine=Engine.named("compiled"), rng=0)
numbers = np.random.default_rng(0)
examples = Examples(numbers.integers(0, 256, (200, 64), np.uint8), numbers.integers(0, 10, 200), 1 / 255)
network.train_epoch(examples, np.arange(200), 10, 0.5)
network.outputs(examples)
made = sum(sum(each.stats.cache_misses.values()) for each in (loop.train, loop.outputs, rules._compute))
print(network.fingerprint(), made, loop.__file__)
"""


def training(folder: Path, **extra: str) -> subprocess.Popen[str]:
    """A process that trains, its machine code kept in the folder; it prints the weights' hash and what it compiled."""
    told = environment() | {"NUMBA_CACHE_DIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"} | extra
    words, pipe = [sys.executable, "-c", TRAINED], subprocess.PIPE
    return subprocess.Popen(words, cwd=folder.parent, env=told, stdout=pipe, stderr=pipe, text=True)


def end_of(process: subprocess.Popen[str]) -> tuple[str, int, str]:
    """The weights' hash, how much it compiled, and the file of the loop."""
    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    fingerprint, made, file = output.split()
    return fingerprint, int(made), file


@pytest.mark.slow
def test_processes_of_a_read_only_installation_that_begin_at_once_compile_each_thing_once(tmp_path: Path) -> None:
    package = Path(machine_code.__file__).parents[2]
    installed = tmp_path / "installed" / "nnexp"
    installed.mkdir(parents=True)
    for file in package.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            copy = installed / file.relative_to(package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    (installed / "nn" / "compiled" / "__pycache__").touch()  # a file: nothing can be written there, not even by root
    before = sorted(installed.rglob("*"))
    kept = tmp_path / "kept"  # the user's folder
    ends = [end_of(each) for each in [training(kept, PYTHONPATH=str(installed.parent)) for _ in range(4)]]
    assert {file for _, _, file in ends} == {str(installed / "nn" / "compiled" / "loop.py")}
    assert sum(made for _, made, _ in ends) == len(list(kept.glob("*/*.nbc"))) > 0
    assert list(kept.glob("*/*.tmp*")) == []
    last = end_of(training(kept, PYTHONPATH=str(installed.parent)))
    assert {fingerprint for fingerprint, _, _ in ends} == {last[0]}
    assert last[1] == 0
    assert sorted(installed.rglob("*")) == before


TWICE = """
from numba import int64
from nnexp.nn.compiled.machine_code import kept_on_disk, ready

@kept_on_disk()
def twice(number):
    return 2 * number

print(len(ready(twice, (int64,)).stats.cache_misses))
"""


@pytest.mark.slow
def test_what_was_made_for_another_processor_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "twice.py").write_text(TWICE)

    def compiled(**extra: str) -> str:
        told = environment() | {"NUMBA_CACHE_DIR": str(tmp_path / "kept")} | extra
        return subprocess.check_output([sys.executable, "twice.py"], cwd=tmp_path, env=told, text=True).strip()

    assert [compiled(NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES=""), compiled(), compiled()] == ["1", "1", "0"]


@pytest.mark.slow
def test_without_a_folder_for_machine_code_a_run_trains_and_says_why_it_compiles(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = ["-m", "nnexp.run", "experiments=quick", "epochs=1", "tracking=off"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env=environment() | {"NUMBA_CACHE_DIR": os.devnull, "XDG_CACHE_HOME": str(tmp_path / "file")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0
    said = done.stdout + done.stderr
    assert said.count("machine code can't be kept in /dev/null") == 1
    assert "Traceback" not in said
