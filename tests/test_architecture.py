"""The rooms: imports only go down, and slow ones wait."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nnexp

PACKAGE = Path(nnexp.__file__).parent

MAY_IMPORT = {
    "visible": set(),
    "disk": set(),
    "errors": {"visible", "disk"},
    "choice": set(),
    "runtime": {"errors"},
    "nn": {"runtime", "choice", "errors"},
    "data": {"nn", "choice", "errors"},
    "train": {"runtime", "data", "nn", "choice", "errors", "disk"},
    "report": {"runtime", "train", "data", "nn", "choice", "errors"},
    "track": {"runtime", "identity", "train", "data", "nn", "choice", "errors", "disk"},
    "serve": {"predict", "track", "nn", "errors"},
    "predict": {"track", "data", "nn", "errors"},
    "search": {"errors"},
    "stats": {"errors"},
    "launch": {"train", "visible"},
    "rules": {"train", "nn", "visible"},
    "result": {"report", "train", "nn"},
    "config": {"rules", "launch", "search", "report", "track", "train", "data", "nn", "choice", "errors"},
    "checkpoint_folders": {"runtime", "track", "train", "errors"},
    "one_run": {
        "result",
        "checkpoint_folders",
        "words",
        "config",
        "identity",
        "launch",
        "report",
        "track",
        "train",
        "data",
    }
    | {"nn", "runtime", "choice", "errors"},
    "plan": {"one_run", "mistakes", "composer", "words", "identity", "config", "launch", "search", "track", "train"}
    | {"data", "errors"},
    "compare": {"stats", "composing", "config", "words", "report", "track", "train", "data", "nn", "errors"},
    "ending": {"words", "compare", "plan", "report", "track", "train", "errors"},
    "sweep": {"result", "checkpoint_folders", "ending", "plan", "one_run", "report", "track", "train", "errors"},
    "command_line": {"config"},
    "rewriting": {"words"},
    "composer": set(),
    "job": {"result", "one_run", "config", "search", "data", "runtime", "errors"},
    "output_folders": {"job", "runtime", "errors"},
    "plugins": {"train", "runtime", "plan", "sweep", "launch", "composer", "config", "errors"},
    "mistakes": {"rules", "command_line", "rewriting", "composer", "config", "errors"},
    "identity": {"nn"},
    "words": {"config", "identity", "report"},
    "composing": {"identity", "words", "mistakes", "config", "track", "errors"},
    "verify": {"composing", "one_run", "identity", "config", "track", "train", "nn", "errors"},
    "notebook": {"result", "composing", "words", "one_run", "runtime"},
    "run": {"command_line", "job", "mistakes", "config", "train", "errors"},
    "cli": {"compare", "serve", "predict", "run", "verify", "composing", "words", "report", "track", "runtime"}
    | {"errors"},
    "__init__": {"data", "nn", "notebook"},
}

OUTSIDE = {
    "mlflow": {"track"},
    "omegaconf": {"config", "composer", "job", "mistakes", "one_run", "output_folders", "plugins"},
    "hydra": {"config", "run", "job", "output_folders", "plan", "sweep", "mistakes", "composer", "composing", "search"}
    | {"plugins"},
    "matplotlib": {"report", "compare"},
    "scipy": {"nn", "predict", "stats"},
    "sklearn": {"data", "stats"},
    "PIL": {"predict", "compare", "report", "track"},
}


def room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            names.add(node.module or "")
    return names


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_only_go_down(file: Path) -> None:
    here = room(file)
    rooms = {name.split(".")[1] for name in imported(file) if name.startswith("nnexp.")} - {here}
    assert rooms <= MAY_IMPORT[here] | ({"visible"} if "errors" in MAY_IMPORT[here] else set())


@pytest.mark.parametrize("package", OUTSIDE)
def test_a_package_is_known_to_its_rooms_alone(package: str) -> None:
    users = {room(file) for file in FILES if any(name.split(".")[0] == package for name in imported(file))}
    assert users <= OUTSIDE[package]


SLOW = ["mlflow", "matplotlib", "sklearn", "pandas", "scipy", "rich", "pooch", "PIL"]


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
