"""`nnexp ui`: MLflow's UI, or Optuna's dashboard of a search."""

from __future__ import annotations

import sys
import webbrowser

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.cli.store_options import in_store, mlflow_at
from nnexp.errors import UsageError


@click.command()
@in_store
@click.argument("what", required=False, default="", shell_complete=offers.sweep_or_run)
@click.option("--study", help="Optuna's dashboard of this search instead, where optuna-dashboard is installed.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--open/--no-open", "opens", default=None, help="Open it in a browser; on a terminal it does.")
def ui(uri: str | None, experiment: str, what: str, study: str | None, port: int, opens: bool | None) -> None:
    """Start MLflow's UI on the right store, for this machine alone, print where it shows WHAT, and open it.

    WHAT is a sweep's name, or the id of a run or its beginning; nothing: all runs. --study is the name of a search of
    this folder, or its beginning.

    \b
    Example:
      nnexp ui
      nnexp ui eta-seed
      nnexp ui d8396f9e
      nnexp ui --study tpe-eta
    """
    if study is not None:
        if what:
            raise UsageError(f"WHAT: got {what!r} with --study, expected one of both")
        _show_study(study, port, opens)
        return
    from nnexp.tracking.mlflow.ui.destination import shown_at
    from nnexp.tracking.mlflow.ui.server import serve

    runs = mlflow_at(uri, experiment, "nnexp ui")
    address = shown_at(runs, what, port)
    if runs.address.startswith("http"):
        _show(address, opens)
        say("this server shows it already")
    else:
        serve(runs.store, port, lambda: _show(address, opens))


def _show_study(name: str, port: int, opens: bool | None) -> None:
    """Run Optuna's dashboard on the journal of a search."""
    from nnexp.searches.journals import journal_of
    from nnexp.study.dashboard import address, serve

    serve(journal_of(name), port, lambda: _show(address(port), opens))


def _show(address: str, opens: bool | None) -> None:
    """Print the address, and open it if that was said, or nothing was said and a person is looking."""
    say(address)
    if sys.stdout.isatty() if opens is None else opens:
        webbrowser.open(address)
