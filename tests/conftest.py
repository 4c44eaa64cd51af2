"""What all tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Command, run_nnexp, warm
from shared import Shared, folder_of

sys.dont_write_bytecode = False  # pytest rewrites each test's asserts, a third of what collecting takes, and keeps that


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    Shared.folder = folder_of(tmp_path_factory)


@pytest.fixture(scope="session", autouse=True)
def warm_ends() -> Iterator[None]:
    """No process of ours is left when the tests are done."""
    yield
    if warm.cache_info().currsize:
        with warm() as server:
            assert server.stdin
            server.stdin.close()


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
