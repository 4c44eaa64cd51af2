"""What whole-program tests share: the command in a process of its own, and one finished run to read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def environment() -> dict[str, str]:
    """The environment of the tests, without what would lead a run elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "HYDRA_")) and name != "COLUMNS"
    }


def run_nnexp(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """`python -m nnexp.run` in a folder; `extra` are environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "nnexp.run", *arguments],
        cwd=folder,
        env=environment() | extra,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def nnexp_run(tmp_path: Path) -> Command:
    """`python -m nnexp.run` in an empty folder."""

    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return run_nnexp(tmp_path, *arguments, **extra)

    return run


@pytest.fixture(scope="session", autouse=True)
def quiet_mlflow() -> None:
    """MLflow phones home and logs migrations unless told otherwise, before it is imported."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_NAME"):
        os.environ.pop(name, None)
