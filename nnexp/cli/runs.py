"""`nnexp runs`: which runs there are."""

from __future__ import annotations

import click

from nnexp.cli.output import print_json, say
from nnexp.cli.run_table import RunRow, show, with_epochs_done
from nnexp.cli.store_options import elsewhere, in_store, store_at
from nnexp.errors import UsageError
from nnexp.runtime.waiting import doing


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
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def runs(
    uri: str | None, experiment: str, condition: str, sort: str, limit: int, dead: bool, mark_dead: bool, as_json: bool
) -> None:
    """A table of runs.

    \b
    Example:
      nnexp runs --filter "params.cost = 'cross_entropy'" --sort best_validation_accuracy
      nnexp runs --dead
    """
    from nnexp.sweeps.matching import matching
    from nnexp.tracking.chosen import CHOSEN_BY, best_first, metrics_of
    from nnexp.tracking.run_facts import facts

    store = store_at(uri, experiment)
    with doing("reading runs"):
        if dead or mark_dead:
            found = [each for each in matching(store, condition, "RUNNING") if each.dead]
        else:
            first = store.highest(sort, max(limit, 1), condition)  # one tells which columns there are
            found = matching(store, condition) if first is None else first
    if mark_dead:
        for each in found:
            store.set_status(each.id, "KILLED")
    metrics = metrics_of(store, found)
    by_id = {each.id: RunRow(metrics[each.id] | facts(each)) for each in found}
    if by_id and not any(sort in row.values for row in by_id.values()):
        known = ", ".join(sorted({name for row in by_id.values() for name in row.values}))
        raise UsageError(f"--sort: got {sort!r}, expected one of {known}")
    if sort != CHOSEN_BY:  # of equal ones the better goes first; the others need not be ranked
        ranks = {run_id: row.rank(sort) for run_id, row in by_id.items()}
        last = sorted(ranks.values(), reverse=True)[:limit][-1:]
        found = [each for each in found if last and ranks[each.id] >= last[0]]
    rows = [by_id[each.id] for each in best_first(found, metrics)]
    if sort != CHOSEN_BY:
        rows.sort(key=lambda row: row.rank(sort), reverse=True)
    rows = with_epochs_done(store, rows[:limit])
    if as_json:
        print_json("runs", runs=[row.values for row in rows])
    else:
        show(rows)
    if mark_dead and not as_json:
        say(f"{len(by_id)} set to KILLED")
    for line in elsewhere(uri, experiment):
        say(line, err=as_json)
