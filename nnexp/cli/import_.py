"""`nnexp import`: the runs of an archive into a run store."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nnexp.cli.output import say
from nnexp.tracking.stores.base import EXPERIMENT


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "target", metavar="URI", help="The store; else MLFLOW_TRACKING_URI, mlflow.db, outputs/runs.")
@click.option("--experiment", default=EXPERIMENT, show_default=True, help="What the runs are filed under.")
def import_(file: Path, target: str | None, experiment: str) -> None:
    """Put the runs of an archive, which `nnexp export` has made, into a run store.

    Every file is verified before anything is written. Runs that are there already stay as they are.

    \b
    Example:
      nnexp import appendix.zip
      nnexp import appendix.zip --to sqlite:///papers.db
    """
    from nnexp.cli.sync_stores import of_nnexp, opened_for, with_progress
    from nnexp.tracking.archive import opened
    from nnexp.tracking.syncing import sync

    with opened(file) as archive:
        runs, _ = of_nnexp([*archive.search(), *archive.summaries()])
        store = opened_for(target, experiment)
        with with_progress(len(runs)) as told:
            synced = sync(runs, store, told)
    for line in synced.lines:
        say(line)
    for line in synced.failed:
        say(line, err=True)
    sys.exit(1 if synced.failed else 0)
