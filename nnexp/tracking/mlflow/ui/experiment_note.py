"""What MLflow's UI shows on top of an experiment: a note with the links and the sweeps, and the view of all runs."""

from __future__ import annotations

import math
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nnexp.identity import counts
from nnexp.tracking.chosen import CHOSEN_BY
from nnexp.tracking.mlflow.histories import histories
from nnexp.tracking.mlflow.runs import members_filter, search, summaries
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.ui.links import view_page
from nnexp.tracking.mlflow.ui.note_text import LONGEST_NOTE, with_ours
from nnexp.tracking.mlflow.ui.server import page
from nnexp.tracking.mlflow.ui.views import (
    ALL,
    BEFORE,
    TAG,
    View,
    best_view,
    ends_of,
    of_experiment,
    of_means,
    of_sweep,
    settings_in,
    shows,
    usable,
)
from nnexp.tracking.run_store import Curves
from nnexp.tracking.tags import NOTE, SUMMARY, VERDICT, searchable, setting_tag

if TYPE_CHECKING:
    from mlflow.entities import Run

OURS = "nnexp.note"  # a tag: what of the note was written here
ACCURACIES = ("test_accuracy", "validation_accuracy")
DRAWN = 100  # runs of a sweep, the best: so many the UI fetches at once
LOOKED_AT = 50  # runs, the newest

PRIMARY = {"mlflow.experiment.primaryMetric.name": CHOSEN_BY, "mlflow.experiment.primaryMetric.greaterIsBetter": "True"}


def update(store: Store, over: Sequence[str] = ()) -> None:
    """Bring the experiment's page up to date. over: settings that are columns whether or not they differ yet.

    A text that its user has written there stays, and so does a primary metric that is set. Reads no more than the
    newest runs, however many there are.
    """
    store.in_turn(lambda: _update(store, over, _tags(store)))


def _update(store: Store, over: Sequence[str], tags: Mapping[str, str]) -> None:
    newest = search(store, most=LOOKED_AT)  # what differs between runs is told by these
    settings = [*over, *differing([run.data.params for run in newest]), *settings_in(tags.get(TAG + ALL, ""))]
    ends = {name: (low, 1.0) for name, (low, _) in _ends(newest).items()}  # older runs may be better
    view = replace(of_experiment(list(dict.fromkeys(settings))), ends=ends, older=_any_older(newest))
    _keep(store, view, tags)
    ours = describe(store, view, tags)
    note = with_ours(tags.get(NOTE, ""), ours, tags.get(OURS, ""))
    new = {name: value for name, value in PRIMARY.items() if name not in tags} | {NOTE: note}
    new |= {OURS: ours} if ours in note else {}
    _set(store, {name: value for name, value in new.items() if tags.get(name, "") != value})


def show_sweep(store: Store, sweep: str, over: Sequence[str]) -> None:
    """Bring the views of a sweep and the experiment's page up to date. over: what the sweep goes over."""
    store.in_turn(lambda: _show_sweep(store, sweep, over))


def _show_sweep(store: Store, sweep: str, over: Sequence[str]) -> None:
    runs = members_filter(sweep)
    curves = of_sweep(sweep, runs, over)
    tags = _tags(store)
    best = search(store, curves.runs, order=[f"metrics.{CHOSEN_BY} DESC"], most=DRAWN)
    ends = _ends(best, histories(store, [run.info.run_id for run in best], ACCURACIES))
    tagged = all(setting_tag(sweep) in run.data.tags for run in best)
    for view in (curves, of_means(sweep, runs, over, tagged)):
        if view:
            _keep(store, replace(view, ends=ends, older=_any_older(best)), tags)
    _update(store, over, _tags(store))


def differing(runs: Sequence[dict[str, str]]) -> list[str]:
    """The settings that count and are not the same in all runs. runs: the params of each."""
    names = dict.fromkeys(name for params in runs for name in params if counts(name))
    return [name for name in names if any(params.get(name) != runs[0].get(name) for params in runs)]


def describe(store: Store, view: View, kept: Container[str]) -> str:
    """The experiment's page in markdown: the newest sweep and all runs, in the first line, and a row for each sweep.

    The list of experiments shows how the first line begins, as plain text. kept: the experiment's tags.
    """
    table, curves = (page(store) + view.query, view_page(store, view))
    lines = [f"All runs: [table]({table}), [curves]({curves})"]
    sweeps = summaries(store)
    rows = [_row(store, run, kept) for run in sweeps]
    if rows:
        lines[0] = f"Newest sweep: {rows[0][0]} ({rows[0][-1]}) · {lines[0]}"
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


def _tags(store: Store) -> dict[str, str]:
    return dict(store.client.get_experiment(store.experiment_id).tags)


def _keep(store: Store, view: View, tags: Mapping[str, str]) -> None:
    """Let the UI know the view, if it does not. tags: of the experiment."""
    name, value = view.tag(round(time.time() * 1000))
    if usable() and not shows(tags.get(name, ""), view):
        _set(store, {name: value})


def _set(store: Store, tags: dict[str, str]) -> None:
    for name, value in tags.items():
        store.client.set_experiment_tag(store.experiment_id, name, value)


def _row(store: Store, summary: Run, kept: Container[str]) -> list[str]:
    """A sweep in the table: its name, how many jobs it has, what came of it, links to its summary and its curves."""
    tags, sweep = summary.data.tags, summary.data.tags[SUMMARY]
    jobs = sum(count for name, count in summary.data.metrics.items() if name.startswith("jobs/"))
    links = f"[summary]({page(store, summary.info.run_id)})"
    if searchable(sweep):
        links += f", [curves]({view_page(store, best_view(sweep, members_filter(sweep), kept))})"
    return [_cell(sweep), f"{jobs:.0f}", _cell(tags.get(VERDICT, "")), links]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _any_older(runs: Sequence[Run]) -> bool:
    """Whether any of the runs was made before there were the results that are shown now."""
    return any(name in run.data.metrics for run in runs for name in BEFORE)


def _ends(runs: Sequence[Run], curves: Mapping[str, Curves] | None = None) -> dict[str, tuple[float, float]]:
    """The ends of the accuracies' axes, from those of the runs that have ended. curves: whose tops are to be seen."""
    ended = [run for run in runs if math.isfinite(run.data.metrics.get(CHOSEN_BY, math.nan))]
    ends = {}
    for name in ACCURACIES if ended else ():
        lasts = [run.data.metrics[name] for run in ended]
        tops = [value for run in ended for value in curves[name][run.info.run_id].values()] if curves else lasts
        ends[name] = ends_of(lasts, tops)
    return ends
