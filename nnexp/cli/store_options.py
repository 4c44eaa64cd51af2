"""The options of the `nnexp` commands that say which runs are meant, and the run store that they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nnexp.tracking.contract import RunStore, StoredRun
    from nnexp.tracking.mlflow.run_store import MLflowRuns

Command = Callable[..., Any]


def in_store(command: Command) -> Command:
    """The options that say which runs are meant."""
    command = click.option("--experiment", default="nnexp", show_default=True, help="What the runs are filed under.")(
        command
    )
    return click.option("--uri", help="The MLflow store; else MLFLOW_TRACKING_URI, else mlflow.db in this folder.")(
        command
    )


def store_at(uri: str | None, experiment: str) -> RunStore:
    """The run store that the options of `in_store` mean; `TrackingError` if it is not there."""
    return mlflow_at(uri, experiment)


def mlflow_at(uri: str | None, experiment: str) -> MLflowRuns:
    """The same for a command that needs MLflow."""
    from nnexp.tracking.stores.mlflow import MLflow

    return MLflow(uri=uri, experiment=experiment).open(make=False)


def run_in(store: RunStore, run_id: str) -> StoredRun:
    """The run of the store whose id begins so; `UsageError` if there is none or more than one."""
    from nnexp.tracking.lookup import run_called

    return run_called(store, run_id)
