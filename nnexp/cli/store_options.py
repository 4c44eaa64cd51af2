"""The options of the `nnexp` commands that say which runs are meant, and the run store that they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnexp.errors import UsageError
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.stores.base import EXPERIMENT
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.usual import has_mlflow, tracking_at

if TYPE_CHECKING:
    from nnexp.tracking.mlflow.run_store import MLflowRuns
    from nnexp.tracking.run_store import RunStore, StoredRun

Command = Callable[..., Any]


def in_store(command: Command) -> Command:
    """The options that say which runs are meant."""
    options = [
        click.option(
            "--uri", help="The MLflow store, or folder of runs; else MLFLOW_TRACKING_URI, mlflow.db, outputs/runs."
        ),
        click.option("--experiment", default=EXPERIMENT, show_default=True, help="What the runs are filed under."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def store_at(uri: str | None, experiment: str) -> RunStore:
    """The run store that the options of `in_store` mean; `TrackingError` if it is not there."""
    with looking(uri, experiment):
        return tracking_at(uri, experiment).open(make=False)


def mlflow_at(uri: str | None, experiment: str, what: str) -> MLflowRuns:
    """The same for what needs MLflow: `UsageError` if it is a folder of runs. what: the command."""
    tracking = tracking_at(uri, experiment)
    if isinstance(tracking, Folder):
        raise UsageError(
            [
                f"{what} needs an MLflow store, and {tracking.path} is a folder of runs",
                "`nnexp runs`, `nnexp compare` with --html, and `nnexp predict` show what is in there",
            ]
        )
    return tracking.itself(make=False)


def elsewhere(uri: str | None, experiment: str = EXPERIMENT) -> list[str]:
    """That the usual folder of runs has some that the MLflow store, which goes before it, may lack."""
    if uri or not has_mlflow() or not Folder(path=USUAL).is_there:
        return []
    from nnexp.tracking.mlflow.store import resolve
    from nnexp.tracking.served.marks import Marks

    root = Path(USUAL).absolute()
    there = any(root.glob("*/run.json")) and not Marks(root, resolve(None), experiment).unknown()
    return [] if there else [f"{USUAL} has runs, too: --uri {USUAL}"]


@contextmanager
def looking(uri: str | None, experiment: str = EXPERIMENT) -> Iterator[None]:
    """Where runs are looked up: what is not found may be in the other store, which the error then names."""
    try:
        yield
    except UsageError as error:
        error.lines += elsewhere(uri, experiment)
        raise


def run_in(store: RunStore, run_id: str, uri: str | None) -> StoredRun:
    """The run of the store whose id begins so; `UsageError` if there is none or more than one. uri: as typed."""
    from nnexp.tracking.lookup import run_called

    with looking(uri):
        return run_called(store, run_id)
