"""`nnexp export`: runs as one file."""

from __future__ import annotations

from pathlib import Path

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.cli.store_options import in_store, run_in, store_at
from nnexp.errors import UsageError
from nnexp.printable import counted


@click.command()
@in_store
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("run_ids", nargs=-1, metavar="[RUN]...", shell_complete=offers.run)
@click.option("--sweep", default="", shell_complete=offers.sweep, help="The runs of this sweep, and its summary.")
def export(uri: str | None, experiment: str, file: Path, run_ids: tuple[str, ...], sweep: str) -> None:
    """Write runs into one archive file, whole: for a paper's appendix, or to hand them on.

    RUN is the id of a run, or its beginning; without one, and without --sweep, all runs are in it. `nnexp import`
    verifies every byte of it and puts the runs into a store. The same runs give the same bytes.

    \b
    Example:
      nnexp export appendix.zip d8396f9e ecb89665
      nnexp export appendix.zip --sweep eta-seed
    """
    from nnexp.cli.sync_stores import of_nnexp, with_progress
    from nnexp.tracking.archive import export as write
    from nnexp.tracking.lookup import sweep_called
    from nnexp.tracking.tags import SUMMARY

    if run_ids and sweep:
        raise UsageError(f"--sweep: got {sweep!r} and runs, expected one or the other")
    store = store_at(uri, experiment)
    if sweep:
        if not (name := sweep_called(store, sweep)):
            raise UsageError(f"--sweep: got {sweep!r}, expected the name of a sweep, or its beginning")
        found = store.members(name) + [each for each in store.summaries() if each.tags[SUMMARY] == name]
    else:
        ids = dict.fromkeys(run_ids)
        found = [run_in(store, run_id, uri) for run_id in ids] or [*store.search(), *store.summaries()]
    runs, others = of_nnexp(found)
    if not runs:
        raise UsageError("run: there is none to export")
    with with_progress(len(runs)) as told:
        write(file, runs, told)
    say(f"{counted(sum(SUMMARY not in run.tags for run in runs), 'run')} in {file}")
    if others:
        say(f"{others:,} of other programs left out")
