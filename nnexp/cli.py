"""The `nnexp` command: run, look at runs, make one again, verify it, look in MLflow's UI, clean up.

Exit codes: 0 done; 1 a run diverged or could not be remembered, or `verify` found a departure; 2 something to
mend in the command, a file or an address; 130 and 143 stopped by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from nnexp.errors import NnexpError, UsageError

if TYPE_CHECKING:
    from nnexp.report.table import Row
    from nnexp.track.runs import StoredRun
    from nnexp.track.store import Store

Command = Callable[..., Any]


class Family(click.Group):
    """Commands whose errors are messages with an exit code, not tracebacks."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except NnexpError as error:
            click.echo(error, err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("stopped by SIGINT", err=True)
            sys.exit(128 + signal.SIGINT)


def in_store(command: Command) -> Command:
    """The options that say which runs are meant."""
    command = click.option("--experiment", default="nnexp", show_default=True, help="What the runs are filed under.")(
        command
    )
    return click.option("--uri", help="The MLflow store; else MLFLOW_TRACKING_URI, else mlflow.db in this folder.")(
        command
    )


@click.group(cls=Family, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nnexp")
def main() -> None:
    """Train networks, and keep what every run was.

    \b
    Example:
      nnexp run 'sizes=[784,100,10]' eta=3.0
      nnexp runs --sort best_validation_accuracy
    """


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> None:
    """Train: the same as `python -m nnexp.run`. `nnexp run --help` explains all settings.

    \b
    Example:
      nnexp run experiments=quick
    """
    _run(*arguments)


def _run(*arguments: str) -> None:
    from nnexp import run as front_door

    sys.argv = [sys.argv[0], *arguments]
    front_door.main()


@main.command()
@in_store
@click.option("--filter", "condition", default="", help="In MLflow's words: \"params.cost = 'quadratic'\".")
@click.option("--sort", default="started", show_default=True, help="A column, a metric or a param; highest first.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=0), help="How many to show.")
@click.option("--dead", is_flag=True, help="Only runs that say RUNNING and whose process is gone.")
@click.option("--mark-dead", is_flag=True, help="Set those to KILLED.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of a table.")
def runs(
    uri: str | None, experiment: str, condition: str, sort: str, limit: int, dead: bool, mark_dead: bool, as_json: bool
) -> None:
    """A table of runs.

    \b
    Example:
      nnexp runs --filter "params.cost = 'cross_entropy'" --sort best_test_accuracy
      nnexp runs --dead
    """
    from nnexp.report.table import row_of, show
    from nnexp.track.runs import search

    found = search(_store(uri, experiment), condition)
    if dead or mark_dead:
        found = [each for each in found if each.dead]
    if mark_dead:
        for each in found:
            each.mark_killed()
    rows = sorted(map(row_of, found), key=lambda row: row.rank(sort), reverse=True)
    if rows and not any(sort in row.values for row in rows):
        known = ", ".join(sorted({name for row in rows for name in row.values}))
        raise UsageError(f"--sort: got {sort!r}, expected one of {known}")
    _print(rows[:limit], as_json, show)
    if mark_dead and not as_json:
        click.echo(f"{len(found)} set to KILLED")


@main.command()
@in_store
@click.argument("run_id")
@click.argument("overrides", nargs=-1)
def rerun(uri: str | None, experiment: str, run_id: str, overrides: tuple[str, ...]) -> None:
    """Make a run again, from its own configuration, whatever conf/ says today. It becomes a new run each time.

    OVERRIDES are settings as for `nnexp run`; resume=auto goes on with a rerun that was interrupted.

    \b
    Example:
      nnexp rerun d8396f9e
      nnexp rerun d8396f9e seed=1
    """
    from nnexp.composing import changed, config_of_run
    from nnexp.words import as_typed

    config = config_of_run(_run_of(_store(uri, experiment), run_id))
    here = {"tracking": "mlflow", "tracking.experiment": experiment, "resume": "never"}
    here |= {"tracking.uri": uri} if uri else {}
    said = {word.partition("=")[0] for word in overrides}
    words = as_typed({name: value for name, value in here.items() if said.isdisjoint({name, name.partition(".")[0]})})
    _run(*changed(config, [*words, *overrides]))


@main.command()
@in_store
@click.argument("run_id")
@click.argument("overrides", nargs=-1)
@click.option("--epochs", type=click.IntRange(min=0), help="Only the first so many epochs.")
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON.")
def verify(
    uri: str | None, experiment: str, run_id: str, overrides: tuple[str, ...], epochs: int | None, as_json: bool
) -> None:
    """Train a run again and compare it with what it was: weights and metrics of every epoch, bit for bit.

    \b
    Example:
      nnexp verify d8396f9e --epochs 3
      nnexp verify d8396f9e threads=2
    """
    from dataclasses import asdict

    from nnexp.verify import verify as compare

    verdict = compare(_run_of(_store(uri, experiment), run_id), overrides, epochs)
    if as_json:
        click.echo(json.dumps(asdict(verdict) | {"identical": verdict.identical}, indent=2))
    elif verdict.identical:
        click.echo(f"identical: {verdict.epochs} epochs, from 0 to {verdict.epochs - 1}, bit for bit")
    else:
        click.echo(f"departs in epoch {verdict.departs}: {', '.join(verdict.what)}")
    if not as_json:
        for line in verdict.changed or ([] if verdict.identical else ["nothing that is recorded has changed"]):
            click.echo(f"  {line}")
    sys.exit(0 if verdict.identical else 1)


@main.command()
@in_store
@click.argument("run_id", required=False)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def ui(uri: str | None, experiment: str, run_id: str | None, port: int) -> None:
    """Start MLflow's UI on the right store, for this machine alone, and say where to look.

    \b
    Example:
      nnexp ui
      nnexp ui d8396f9e
    """
    from nnexp.track.ui import address, serve

    store = _store(uri, experiment)
    run = _run_of(store, run_id).id if run_id else ""
    if store.uri.startswith("http"):
        click.echo(f"{address(store, run)}\nthis server shows it already")
    else:
        serve(store, port, lambda: click.echo(address(store, run, port)))


@main.command()
@in_store
@click.option("--keep", default=10, show_default=True, type=click.IntRange(min=0), help="The best so many stay.")
@click.option("--yes", is_flag=True, help="Remove them, instead of showing what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="What is (or would be) removed, as a JSON list.")
def clean(uri: str | None, experiment: str, keep: int, yes: bool, as_json: bool) -> None:
    """Remove all runs but the best, by validation accuracy, those that are running, and those tagged nnexp.pinned.

    MLflow keeps a removed run until `mlflow gc`, and `mlflow runs restore` brings it back.

    \b
    Example:
      nnexp clean --keep 20
      nnexp clean --keep 20 --yes
    """
    from nnexp.report.table import row_of, show
    from nnexp.track.runs import search

    found = search(_store(uri, experiment))
    ranked = sorted(found, key=lambda each: row_of(each).rank("best_validation_accuracy"), reverse=True)
    removed = [each for each in ranked[keep:] if not each.alive and not each.pinned]
    if yes:
        for each in removed:
            each.remove()
    _print([row_of(each) for each in removed], as_json, show)
    if not as_json:
        click.echo(f"{len(removed)} of {len(found)} runs {'removed' if yes else 'would be removed; --yes does it'}")


def _store(uri: str | None, experiment: str) -> Store:
    from nnexp.track.store import open_store, resolve

    return open_store(resolve(uri), experiment, make=False)


def _run_of(store: Store, run_id: str) -> StoredRun:
    from nnexp.track.runs import run_called

    return run_called(store, run_id)


def _print(rows: list[Row], as_json: bool, show: Callable[[list[Row]], None]) -> None:
    if as_json:
        click.echo(json.dumps([row.values for row in rows], indent=2))
    else:
        show(rows)


if __name__ == "__main__":
    main()
