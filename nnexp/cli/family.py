"""What the `nnexp` commands have in common: errors as messages, which store is meant, rows as JSON or as a table."""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from nnexp.errors import NnexpError, of_the_disk
from nnexp.printable import LogFormatter, visible

if TYPE_CHECKING:
    from nnexp.cli.run_table import Row
    from nnexp.tracking.contract import RunStore, StoredRun
    from nnexp.tracking.mlflow.run_store import MLflowRuns

Command = Callable[..., Any]


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
