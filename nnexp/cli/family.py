"""What the `nnexp` commands have in common: errors as messages, which store is meant, rows as JSON or as a table."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnexp.errors import NnexpError, UsageError, of_the_disk
from nnexp.printable import LogFormatter, visible
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow

if TYPE_CHECKING:
    from nnexp.cli.run_table import Row
    from nnexp.tracking.contract import RunStore, StoredRun
    from nnexp.tracking.mlflow.run_store import MLflowRuns

Command = Callable[..., Any]
EXPERIMENT = "nnexp"  # the usual one


class Family(click.Group):
    """Commands whose errors are messages with an exit code, not tracebacks."""

    def invoke(self, context: click.Context) -> Any:
        if logging.lastResort:  # what shows warnings where logging is not set up
            logging.lastResort.setFormatter(LogFormatter())
        try:
            return super().invoke(context)
        except NnexpError as error:
            click.echo(error, err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            say("stopped by SIGINT", err=True)
            sys.exit(128 + signal.SIGINT)
        except Exception as error:
            from nnexp.tracking.mlflow.store import failure

            if (failed := of_the_disk(error) or failure(error)) is None:
                raise
            click.echo(failed, err=True)
            sys.exit(failed.exit_code)


def say(line: str, err: bool = False) -> None:
    """Print a line, in which nothing can act on a terminal, at once, also into a pipe."""
    click.echo(visible(line), err=err)


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
    return tracking.open(make=False)


def tracking_at(uri: str | None, experiment: str) -> MLflow | Folder:
    """The choice of `tracking` that the options mean.

    A folder of runs by its path, or the usual one where nothing says that there is an MLflow store.
    """
    found = Folder(path=uri or USUAL)
    mlflow = "MLFLOW_TRACKING_URI" in os.environ or Path("mlflow.db").exists()
    if not found.is_there or (mlflow and not uri):
        return MLflow(uri=uri, experiment=experiment)
    if experiment != EXPERIMENT:
        raise UsageError(f"--experiment: got {experiment!r}, but {found.path} is a folder of runs, which has none")
    return found


def run_in(store: RunStore, run_id: str) -> StoredRun:
    """The run of the store whose id begins so; `UsageError` if there is none or more than one."""
    from nnexp.tracking.lookup import run_called

    return run_called(store, run_id)


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """The values, null for numbers that JSON does not have."""
    return {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in values.items()}


def print_rows(rows: list[Row], as_json: bool) -> None:
    """Print runs: as a table, or as a JSON list."""
    from nnexp.cli.run_table import show

    if as_json:
        click.echo(json.dumps([_finite(row.values) for row in rows], indent=2, allow_nan=False))
    else:
        show(rows)
