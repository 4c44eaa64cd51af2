"""The `nnexp` command for tests, in this process or one of its own, and MLflow's client of what it has left."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from running import PATIENCE, environment

from nnexp.cli import main


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def nnexp(folder: Path, *arguments: str) -> Done:
    """The command in this process, where MLflow is imported already."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, arguments, env={"COLUMNS": "160"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def nnexp_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: those that train set up logging for all of it."""
    return subprocess.run(
        [sys.executable, "-m", "nnexp.cli", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def client_of(folder: Path) -> Any:
    """MLflow's client of the store in the folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints, and SQLAlchemy of MLflow
        import mlflow.pyfunc  # noqa: F401
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
        client.search_experiments()
    return client


def runs_in(folder: Path) -> list[Any]:
    client = client_of(folder)
    return list(client.search_runs([client.get_experiment_by_name("nnexp").experiment_id]))


def listed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = nnexp(folder, "runs", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout)["runs"])


def id_of(folder: Path, epochs: int) -> str:
    (run,) = [row for row in listed(folder) if row["epochs"] == str(epochs)]
    return str(run["id"])


@dataclass
class Remembered:
    """A run that a command has left in a folder, read back through MLflow's client."""

    folder: Path
    output: str
    client: Any
    run: Any

    def points(self, metric: str) -> list[tuple[int, float]]:
        return [(point.step, point.value) for point in self.client.get_metric_history(self.run.info.run_id, metric)]

    def artifact(self, path: str) -> Path:
        return Path(self.client.download_artifacts(self.run.info.run_id, path))


def remembered(folder: Path, output: str = "") -> Remembered:
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp")
    (run,) = client.search_runs([experiment.experiment_id])
    return Remembered(folder, output, client, run)
