"""`nnexp runs` and `nnexp clean`: which runs there are, and removing what is not needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nnexp.cli.family import in_store, print_rows, say, store_at
from nnexp.errors import UsageError
from nnexp.printable import counted

if TYPE_CHECKING:
    from nnexp.tracking.contract import RunStore, StoredRun


@click.command()
@in_store
@click.option(
    "--filter",
    "condition",
    default="",
    help="In MLflow's words: \"params.cost = 'quadratic'\"; in a folder of runs: \"cost == 'quadratic'\".",
)
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
      nnexp runs --filter "params.cost = 'cross_entropy'" --sort best_validation_accuracy
      nnexp runs --dead
    """
    from nnexp.cli.run_table import Row
    from nnexp.tracking.chosen import CHOSEN_BY, best_first, metrics_of

    store = store_at(uri, experiment)
    found = _matching(store, condition)
    if dead or mark_dead:
        found = [each for each in found if each.dead]
    if mark_dead:
        for each in found:
            store.set_status(each.id, "KILLED")
    metrics = metrics_of(store, found)
    rows = [Row(metrics[each.id] | each.facts()) for each in best_first(found, metrics)]
    if sort != CHOSEN_BY:
        rows.sort(key=lambda row: row.rank(sort), reverse=True)
    if rows and not any(sort in row.values for row in rows):
        known = ", ".join(sorted({name for row in rows for name in row.values}))
        raise UsageError(f"--sort: got {sort!r}, expected one of {known}")
    print_rows(rows[:limit], as_json)
    if mark_dead and not as_json:
        say(f"{len(found)} set to KILLED")


def _matching(store: RunStore, condition: str) -> list[StoredRun]:
    """The runs that meet the condition: in MLflow's words, or in those of sweep.exclude where it has none."""
    if store.filters or not condition:
        return store.search(condition)
    from nnexp.sweep.exclusions import Condition

    meets = Condition(condition, "--filter")
    return [run for run in store.search() if meets.holds({**run.facts(), **run.settings})]


@click.command()
@in_store
@click.option("--keep", default=10, show_default=True, type=click.IntRange(min=0), help="The best so many stay.")
@click.option("--yes", is_flag=True, help="Remove them, instead of showing what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="What is (or would be) removed, as a JSON list.")
def clean(uri: str | None, experiment: str, keep: int, yes: bool, as_json: bool) -> None:
    """Remove all runs but the best, by validation accuracy, those that are running, and those tagged nnexp.pinned.

    Runs of other programs in the same experiment stay, and so do all files under outputs/. MLflow keeps a removed run
    until `mlflow gc`, and `mlflow runs restore` brings it back; a folder of runs keeps it in its folder `removed`.

    \b
    Example:
      nnexp clean --keep 20
      nnexp clean --keep 20 --yes
    """
    from nnexp.cli.run_table import Row
    from nnexp.tracking.chosen import best_first, metrics_of

    store = store_at(uri, experiment)
    found = [each for each in store.search() if each.ours]
    metrics = metrics_of(store, found)
    removed = [each for each in best_first(found, metrics)[keep:] if not each.alive and not each.pinned]
    if yes:
        for each in removed:
            store.remove(each.id)
    print_rows([Row(metrics[each.id] | each.facts()) for each in removed], as_json)
    if not as_json:
        say(f"{len(removed)} of {counted(len(found), 'run')} {'removed' if yes else 'would be removed; --yes does it'}")
