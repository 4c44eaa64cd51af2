"""`nnexp sync`: bringing one run store up to date with another."""

from __future__ import annotations

import sys

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.tracking.stores.base import EXPERIMENT


@click.command()
@click.argument("what", nargs=-1, metavar="[FOLDER|RUN]...", shell_complete=offers.run_or_file)
@click.option("--from", "source", metavar="URI", help="The store to copy from; else those of the current folder.")
@click.option("--to", "target", metavar="URI", help="The store to copy into; else MLFLOW_TRACKING_URI.")
@click.option("--experiment", default=EXPERIMENT, show_default=True, help="What runs are filed under, in both.")
def sync(what: tuple[str, ...], source: str | None, target: str | None, experiment: str) -> None:
    """Copy runs from one run store into another, as far as they are not there already.

    FOLDER is a folder in which runs were trained, or that of tracking=folder; RUN is the id of a run, or its beginning.
    Without either all runs are copied, and what sums up their sweeps. A store is an MLflow address or a folder.

    Twice is the same as once, and a sync that was cut short is made whole by the next. Runs keep their ids, but for a
    server that chooses them: there `nnexp` finds them by either. The run that is further on stays as it is. What was
    removed in the target is not brought back.

    \b
    Example:
      nnexp sync --to http://127.0.0.1:5000
      nnexp sync scratch/outputs/runs --to sqlite:///mlflow.db
      nnexp sync d8396f9e --from sqlite:///mlflow.db --to archive
    """
    from nnexp.cli.sync_stores import meant, target_at, with_progress
    from nnexp.tracking.mlflow.store import is_served
    from nnexp.tracking.served.settling import settle
    from nnexp.tracking.syncing import sync as bring_up_to_date

    runs, others, whole = meant(what, source, experiment)
    store = target_at(target, experiment)
    with with_progress(len(runs)) as told:
        synced = bring_up_to_date(runs, store, told, whole)
    if is_served(store.address):
        settle(runs, synced.there, store.address, experiment)
    for line in synced.lines:
        say(line)
    if others:
        say(f"{others:,} of other programs left out")
    for line in synced.failed:
        say(line, err=True)
    sys.exit(1 if synced.failed else 0)
