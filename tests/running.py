"""`python -m nnexp.run` in a process of its own, and a store for it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from shared import once

Command = Callable[..., subprocess.CompletedProcess[str]]
PATIENCE = 600.0  # seconds: ends a test that would wait for ever, on however slow a machine, and claims nothing


def environment() -> dict[str, str]:
    """The environment of the tests, without what would lead a run elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "HYDRA_")) and name != "COLUMNS"
    }


def run_nnexp(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """`python -m nnexp.run` in a folder, in a process that has imported already what takes long (`warm.py`).

    extra: environment variables, for a process that begins from nothing: some are read while importing.
    """
    if extra:
        return run_new(folder, *arguments, **extra)
    with tempfile.TemporaryDirectory() as files:
        output, errors = Path(files) / "output", Path(files) / "errors"
        output.touch()
        errors.touch()
        told = {"words": arguments, "folder": str(folder), "environment": environment()}
        code = warm_answer(json.dumps(told | {"output": str(output), "errors": str(errors)}))
        return subprocess.CompletedProcess(arguments, int(code), output.read_text(), errors.read_text())


@functools.cache
def warm() -> subprocess.Popen[str]:
    """The process that commands are forked from; it ends with ours."""
    script = Path(__file__).with_name("warm.py")
    return subprocess.Popen(
        [sys.executable, str(script)],
        env=environment() | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def warm_answer(told: str) -> str:
    """What it answers to a command: the exit code, in a line."""
    server = warm()
    assert server.stdin
    assert server.stdout
    server.stdin.write(f"{told}\n")
    server.stdin.flush()
    watchdog = threading.Timer(PATIENCE, os.killpg, [server.pid, signal.SIGKILL])
    watchdog.start()
    try:
        return server.stdout.readline() or pytest.fail(f"{told} took the process with it, or {PATIENCE:.0f} seconds")
    finally:
        watchdog.cancel()


def run_new(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """The same in a process that begins from nothing, as a user's does; `extra` are environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "nnexp.run", *arguments],
        cwd=folder,
        env=environment() | extra,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@functools.cache
def new_store() -> bytes:
    """The file of a new store: making one takes MLflow some seconds, and most tests are not about that."""
    return once("new_store.db", make_store).read_bytes()


def make_store(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = (
            f"from nnexp.tracking.mlflow.store import open_store; open_store('sqlite:///{folder}/mlflow.db', 'other')"
        )
        subprocess.run([sys.executable, "-c", script], env=environment(), cwd=folder, check=True, capture_output=True)
        shutil.copy(Path(folder) / "mlflow.db", file)


def give_store(folder: Path) -> Path:
    """Put a new store into the folder, as an earlier run would have left it; gives the folder."""
    (folder / "mlflow.db").write_bytes(new_store())
    return folder
