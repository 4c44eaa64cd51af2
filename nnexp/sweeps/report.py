"""What the summary run of a sweep says at its end, and keeps."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnexp.config.naming import on_lines
from nnexp.errors import in_a_line
from nnexp.printable import counted
from nnexp.runner.result import Outcome
from nnexp.sweeps.plan import Plan
from nnexp.sweeps.resume import stored
from nnexp.sweeps.table import Table
from nnexp.sweeps.verdict import verdict_of
from nnexp.tracking.chosen import metrics_of
from nnexp.tracking.note_links import links
from nnexp.tracking.params import from_text
from nnexp.tracking.recording import Results
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.comparison.comparison import Comparison
    from nnexp.tracking.recording import SweepSummary
    from nnexp.tracking.run_store import RunStore, StoredRun

log = logging.getLogger(__name__)

REPORT, CURVES = "report.html", "figures/learning_curves.png"  # as a conclusion calls them
COUNTED = {  # how a summary says it
    "new": "trained by this command",
    "continued": "continued by this command",
    "done": "done before",
    "pruned": "stopped early by the search",
    "failed": "failed",
    "killed": "stopped before the end",
    "to do": "left to do",
}


def sum_up(
    plan: Plan,
    rows: Sequence[Outcome],
    comparison: Comparison | None,
    store: RunStore,
    summary: SweepSummary,
    status: Status,
    typed: Sequence[str],
    told: bool,
) -> None:
    """Write what the sweep came to into the summary run, and where to look; told: and print where.

    typed: the command's words.
    """
    say = log.info if told else log.debug
    over, members = plan.over, store.members(plan.name)
    pages, picture = summary.pages(over), ""
    wanted = plan.config.pictures and status != "KILLED"  # who stops it has no time
    report_of, files = _report(comparison, members, summary.report_of) if comparison and wanted else ("", {})
    if report_of:
        pages = {"report": summary.page_of(REPORT)} | pages
        picture = f"![learning curves]({summary.picture_of(CURVES)})"
    whole = Table(over, [*rows, *_others(over, rows, members, store)])
    verdict = verdict_of(comparison, rows, status) if comparison else ""
    results = _results(rows, whole, comparison, verdict, pages, picture, typed)
    for name, address in summary.addresses(over).items():
        say("%s", f"{name:8}{address}")
    summary.end(status, replace(results, files={**results.files, **files}, report_of=report_of), over)
    if report_of:
        say("report  %s", summary.place_of(REPORT))


def _report(comparison: Comparison, members: Sequence[StoredRun], known: str) -> tuple[str, Mapping[str, str | bytes]]:
    """What the report is made of, empty if there is none; and its files, unless the known one is made of the same."""
    from nnexp.comparison.conclusion import written

    report_of = _of(members)
    try:
        return report_of, {} if report_of == known else written(comparison, {run.id: run for run in members})
    except Exception as error:  # the sweep has ended all the same, and its summary has to say so
        log.warning("the sweep's report could not be made: %s", in_a_line(error))
        return "", {}


def _of(members: Sequence[StoredRun]) -> str:
    """What a report of these runs is made of: a hash of which they are, how they ended, and where its charts are."""
    runs = sorted(f"{run.id} {run.status}{run.pruned_by}" for run in members)
    return hashlib.sha256("\n".join([CURVES, *runs]).encode()).hexdigest()


def _others(
    over: Sequence[str], rows: Sequence[Outcome], members: Sequence[StoredRun], store: RunStore
) -> list[Outcome]:
    """The sweep's runs that the command did not name, as rows."""
    ids = {row.run for row in rows}
    runs = [run for run in members if run.id not in ids]
    metrics = metrics_of(store, runs)
    return [stored(_varying(over, run), run, metrics[run.id]) for run in runs]


def _results(
    rows: Sequence[Outcome],
    table: Table,
    comparison: Comparison | None,
    verdict: str,
    pages: dict[str, str],
    picture: str,
    typed: Sequence[str],
) -> Results:
    """What the summary says: counts of this command's jobs, and all runs that the sweep has.

    verdict: on the comparison. pages: links to more. picture: in markdown, if there is one.
    """
    from nnexp.comparison.conclusion import described
    from nnexp.comparison.render.sentences import best_line

    counts = dict.fromkeys(COUNTED, 0)
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    came = ", ".join(f"{count} {COUNTED.get(state, state)}" for state, count in counts.items() if count)
    command = on_lines(["python", "-m", "nnexp.run", *typed])
    lead = f"**{verdict}** {links(pages)}".rstrip() if comparison else links(pages)
    said = described(comparison) if comparison else table.markdown()
    parts = [lead, f"{counted(len(rows), 'job')}: {came}.", picture, said, "Made by", command]
    text = "\n\n".join(filter(None, parts))
    files: dict[str, str | bytes] = {"table.csv": table.csv(), "table.md": table.markdown(len(table.rows)) + "\n"}
    if comparison:
        return Results(text, files, counts, comparison.best.id, f"{verdict}; best run {best_line(comparison)}")
    best = table.best
    return Results(text, files, counts, best.run if best else "", f"best run {best.sentence}" if best else "")


def _varying(over: Sequence[str], run: StoredRun) -> dict[str, Any]:
    params = run.params
    return {name: from_text(params.get(name, "null")) for name in over}
