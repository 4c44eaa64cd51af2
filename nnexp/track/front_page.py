"""What MLflow's UI shows on top of an experiment: a note with the links and the sweeps, and the view of all runs."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nnexp.identity import counts
from nnexp.track.runs import SUMMARY, StoredRun, summaries
from nnexp.track.shown import view_page
from nnexp.track.store import Store
from nnexp.track.tracking import members_filter
from nnexp.track.ui import page
from nnexp.track.views import CHOSEN_BY, View, ends_of, of_experiment, of_sweep, usable

NOTE = "mlflow.note.content"
VERDICT = "nnexp.verdict"  # of a summary run: its result in a line
BEGIN, END = "<!-- nnexp -->", "<!-- /nnexp -->"  # the UI does not show them
LONGEST_NOTE = 5000  # characters, of a tag of an experiment
ACCURACIES = ("test_accuracy", "validation_accuracy")
DRAWN = 100  # runs, the best: so many the UI fetches at once
LOOKED_AT = 200  # runs, the newest: what differs between runs is told by these

PRIMARY = {"mlflow.experiment.primaryMetric.name": CHOSEN_BY, "mlflow.experiment.primaryMetric.greaterIsBetter": "True"}


def update(store: Store, over: Sequence[str] = ()) -> None:
    """Bring the experiment's page up to date. over: settings that are columns whether or not they differ yet.

    A text that its user has written there stays, and so does a primary metric that is set.
    """
    tags = dict(store.client.get_experiment(store.experiment_id).tags)
    new = {name: value for name, value in PRIMARY.items() if name not in tags}
    view = of_experiment(list(dict.fromkeys([*over, *differing(_params(store))])))
    note = with_ours(tags.get(NOTE, ""), describe(store, view))
    if note != tags.get(NOTE):
        new[NOTE] = note
    for name, value in new.items():
        store.client.set_experiment_tag(store.experiment_id, name, value)
    keep(store, [view])


def keep(store: Store, views: Iterable[View]) -> None:
    """Let the UI know these views."""
    for view in views if usable() else ():
        name, value = replace(view, ends=_ends(store, view)).tag(round(time.time() * 1000))
        store.client.set_experiment_tag(store.experiment_id, name, value)


def differing(runs: Sequence[dict[str, str]]) -> list[str]:
    """The settings that count and are not the same in all runs. runs: the params of each."""
    names = dict.fromkeys(name for params in runs for name in params if counts(name))
    return [name for name in names if any(params.get(name) != runs[0].get(name) for params in runs)]


def describe(store: Store, view: View) -> str:
    """The experiment's page in markdown: links to all runs, in the first line, and a row for each sweep."""
    table, curves = (page(store) + view.query, view_page(store, view))
    lines = [f"[All runs]({table}) · [their curves]({curves})"]
    rows = [_row(store, run) for run in summaries(store)]
    if rows:
        lines[0] += f" · the newest sweep: {rows[0][0]}"
        lines += ["", "| sweep | jobs | result | |", "| --- | --- | --- | --- |"]
    room = LONGEST_NOTE - 200  # for what is said around it
    for number, row in enumerate(rows):
        line = "| " + " | ".join(row) + " |"
        room -= len(line) + 1
        if room < len(lines[0]):
            lines += ["", f"and {len(rows) - number} earlier ones"]
            break
        lines.append(line)
    return "\n".join(lines)


def with_ours(note: str, ours: str) -> str:
    """The note with our part put in, or renewed; what else is in it stays, and if both do not fit, it alone."""
    before, begun, rest = note.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:  # none of ours, or a marker was edited away: nothing of it is ours to replace
        before, after = "", f"\n\n{note}" if note else ""
    whole = f"{before}{BEGIN}\n{ours}\n{END}{after}"
    return whole if len(whole) <= LONGEST_NOTE else note


def _row(store: Store, summary: StoredRun) -> list[str]:
    """A sweep in the table: a link to its curves, how many jobs it has, what came of it, a link to its summary."""
    sweep = summary.tags[SUMMARY]
    jobs = sum(count for name, count in summary.run.data.metrics.items() if name.startswith("jobs/"))
    verdict = " ".join(summary.tags.get(VERDICT, "").split()).replace("|", "\\|")
    curves = view_page(store, of_sweep(sweep, members_filter(sweep), ()))
    return [f"[{sweep}]({curves})", f"{jobs:.0f}", verdict, f"[table]({page(store, summary.id)})"]


def _params(store: Store) -> list[dict[str, str]]:
    """The settings of the newest trained runs."""
    runs = store.client.search_runs(
        [store.experiment_id],
        of_experiment(()).runs,
        order_by=["attributes.start_time DESC"],
        max_results=LOOKED_AT,
    )
    return [dict(run.data.params) for run in runs]


def _ends(store: Store, view: View) -> dict[str, tuple[float, float]]:
    """The ends of the accuracies' axes, from the best runs of a view that have ended."""
    runs = store.client.search_runs(
        [store.experiment_id], view.runs, order_by=[f"metrics.{CHOSEN_BY} DESC"], max_results=DRAWN
    )
    ended = [run.data.metrics for run in runs if math.isfinite(run.data.metrics.get(CHOSEN_BY, math.nan))]
    return {
        name: ends_of([metrics[name] for metrics in ended], [metrics[f"best_{name}"] for metrics in ended])
        for name in ACCURACIES
        if ended
    }
