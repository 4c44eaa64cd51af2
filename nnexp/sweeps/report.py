"""The end of a sweep: what is printed, and what its summary run says."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnexp.config.naming import on_lines
from nnexp.errors import UsageError, in_a_line
from nnexp.printable import counted
from nnexp.runner.result import Outcome
from nnexp.sweeps.plan import Plan
from nnexp.sweeps.resume import stored
from nnexp.sweeps.table import Table
from nnexp.tracking.chosen import metrics_of
from nnexp.tracking.note_links import links
from nnexp.tracking.params import from_text
from nnexp.tracking.recording import Results
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.comparison.conclusion import Conclusion
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


def show(plan: Plan, rows: Sequence[Outcome]) -> None:
    """Print the table of the jobs, and which is best where nothing is remembered to compare."""
    table = Table(plan.over, rows)
    table.show()
    if plan.store is None and table.best:
        log.info("best run %s", table.best.sentence)


def sum_up(
    plan: Plan,
    rows: Sequence[Outcome],
    store: RunStore,
    summary: SweepSummary,
    status: Status,
    typed: Sequence[str],
    told: bool,
) -> None:
    """Write what the sweep came to, and where to look, into the summary run; told: and print it.

    typed: the command's words.
    """
    say = log.info if told else log.debug
    over, members = plan.over, store.members(plan.name)
    others = _others(over, rows, members, store)
    whole = Table(over, [*rows, *others])
    report_of = _of(members) if plan.config.pictures else ""
    drawn = plan.config.pictures and report_of != summary.report_of  # else its charts are there already
    concluded = None if status == "KILLED" else _concluded(plan, store, members, drawn)  # who stops it has no time
    best = concluded.best if concluded else whole.best.sentence if whole.best else ""
    lines = (
        [f"also    {counted(len(others), 'run')} of earlier commands are in the sweep, but not in this table"]
        if others
        else []
    )
    lines += [f"verdict {line}" for line in (concluded.lines if concluded else [])]
    lines += [f"best run {best}"] if best else []
    addresses = summary.addresses(over)
    for line in [*lines, *(f"{name:8}{address}" for name, address in addresses.items())]:
        say("%s", line)
    pages, picture = summary.pages(over), ""
    if concluded and report_of:
        pages = {"report": summary.page_of(REPORT)} | pages
        picture = f"![learning curves]({summary.picture_of(CURVES)})"
    results = _results(rows, whole, concluded, pages, picture, typed)
    summary.end(status, replace(results, report_of=report_of if concluded else ""), over)
    if concluded and report_of:
        say("report  %s", summary.place_of(REPORT))


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


def _concluded(plan: Plan, store: RunStore, members: Sequence[StoredRun], drawn: bool) -> Conclusion | None:
    """What all of the sweep's runs come to, those of earlier commands too; None if none has finished, or for a bug.

    drawn: whether to make the report and its charts.
    """
    from nnexp.comparison.conclusion import conclusion

    try:
        return conclusion(store, f"sweep {plan.name}", members, drawn)
    except UsageError:
        return None
    except Exception as error:  # the sweep has ended all the same, and its summary has to say so
        log.warning("the sweep's runs could not be compared: %s", in_a_line(error))
        return None


def _results(
    rows: Sequence[Outcome],
    table: Table,
    concluded: Conclusion | None,
    pages: dict[str, str],
    picture: str,
    typed: Sequence[str],
) -> Results:
    """What the summary says: counts of this command's jobs, and all runs that the sweep has.

    pages: links to more. picture: in markdown, if there is one.
    """
    counts = dict.fromkeys(COUNTED, 0)
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    came = ", ".join(f"{count} {COUNTED.get(state, state)}" for state, count in counts.items() if count)
    command = on_lines(["python", "-m", "nnexp.run", *typed])
    lead = f"**{concluded.lines[0]}** {links(pages)}".rstrip() if concluded else links(pages)
    said = concluded.details if concluded else table.markdown()
    parts = [lead, f"{counted(len(rows), 'job')}: {came}.", picture, said, "Made by", command]
    text = "\n\n".join(filter(None, parts))
    files: dict[str, str | bytes] = {"table.csv": table.csv(), "table.md": table.markdown(len(table.rows)) + "\n"}
    if concluded is None:
        best = table.best
        return Results(text, files, counts, best.run if best else "", f"best run {best.sentence}" if best else "")
    verdict = f"{concluded.lines[0]}; best run {concluded.best}"
    return Results(text, files | dict(concluded.files), counts, concluded.comparison.best.id, verdict)


def _varying(over: Sequence[str], run: StoredRun) -> dict[str, Any]:
    params = run.params
    return {name: from_text(params.get(name, "null")) for name in over}
