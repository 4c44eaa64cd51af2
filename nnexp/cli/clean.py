"""`nnexp clean`: removing runs that are not needed."""

from __future__ import annotations

import click

from nnexp.cli.output import print_json, say
from nnexp.cli.run_table import RunRow, show
from nnexp.cli.store_options import in_store, store_at
from nnexp.printable import counted
from nnexp.runtime.waiting import doing


@click.command()
@in_store
@click.option("--keep", default=10, show_default=True, type=click.IntRange(min=0), help="The best so many stay.")
@click.option("--yes", is_flag=True, help="Remove them, instead of showing what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="What is (or would be) removed, as JSON.")
def clean(uri: str | None, experiment: str, keep: int, yes: bool, as_json: bool) -> None:
    """Remove all runs but the best, by validation accuracy, those that are running, and those tagged nnexp.pinned.

    Runs of other programs in the same experiment stay, and so do all files under outputs/. MLflow keeps a removed run
    until `mlflow gc`, and `mlflow runs restore` brings it back; a folder of runs keeps it in its folder `removed`.

    \b
    Example:
      nnexp clean --keep 20
      nnexp clean --keep 20 --yes
    """
    from nnexp.tracking.chosen import best_first, metrics_of
    from nnexp.tracking.run_facts import facts

    store = store_at(uri, experiment)
    with doing("reading runs"):
        found = [each for each in store.search() if each.ours]
        metrics = metrics_of(store, found)
    removed = [each for each in best_first(found, metrics)[keep:] if not each.alive and not each.pinned]
    if yes:
        stay = [each.id for each in removed if not store.remove(each.id)]
        for run_id in stay:
            say(f"run {run_id} stays: its folder is a link, or carries no mark of nnexp's", err=True)
        removed = [each for each in removed if each.id not in stay]
    rows = [RunRow(metrics[each.id] | facts(each)) for each in removed]
    if as_json:
        print_json("clean", removed=yes, runs=[row.values for row in rows])
    else:
        show(rows)
        say(f"{len(removed)} of {counted(len(found), 'run')} {'removed' if yes else 'would be removed; --yes does it'}")
