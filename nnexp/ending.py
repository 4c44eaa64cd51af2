"""The end of a sweep: what is printed, and what its summary run says."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nnexp.errors import UsageError, in_a_line
from nnexp.plan import Plan
from nnexp.report.sweep_table import Row, Table
from nnexp.track.params import from_text
from nnexp.track.tracking import Results
from nnexp.train.events import Status
from nnexp.words import on_lines

if TYPE_CHECKING:
    from nnexp.compare.conclusion import Conclusion
    from nnexp.track.memory import Memory
    from nnexp.track.runs import StoredRun
    from nnexp.track.summary import SweepSummary

log = logging.getLogger(__name__)

STATES = {"FINISHED": "done", "KILLED": "killed", "FAILED": "failed", "RUNNING": "running"}  # of MLflow, as we say it
COUNTED = ("new", "continued", "done", "failed", "killed", "to do")


def show(plan: Plan, rows: Sequence[Row]) -> None:
    """Print the table of the jobs, and which is best where nothing is remembered to compare."""
    table = Table(plan.config.sweep.over, rows)
    table.show()
    if plan.memory is None and table.best:
        log.info("best    %s", _best(table))


def sum_up(plan: Plan, rows: Sequence[Row], memory: Memory, summary: SweepSummary, status: Status) -> None:
    """Print what the sweep came to and where to look, and write it into the summary run."""
    table = Table(plan.config.sweep.over, rows)
    members = memory.members(plan.name)
    concluded = None if status == "KILLED" else _concluded(plan, memory, members)  # who stops it has no time for more
    best = concluded.best if concluded else _best(table)
    lines = [f"best    {best}"] if best else []
    lines += [f"verdict {line}" for line in (concluded.lines if concluded else [])]
    addresses = memory.sweep_addresses(plan.name, summary.id, table.over)
    for line in [*lines, *(f"{name:8}{address}" for name, address in addresses.items())]:
        log.info("%s", line)
    ids = {row.run for row in rows}
    others = [row_of_stored(table.over, run) for run in members if run.id not in ids]
    pages = memory.sweep_pages(plan.name, summary.id, table.over)
    whole = Table(table.over, [*rows, *others])
    summary.end(status, _results(rows, whole, concluded, pages), table.over)


def _best(table: Table) -> str:
    """The best job, where there is nothing to compare or no time to."""
    best = table.best
    return f"{' '.join(best.words()) or 'the only job'}: {best.percent()} on validation" if best else ""


def _concluded(plan: Plan, memory: Memory, members: Sequence[StoredRun]) -> Conclusion | None:
    """What all of the sweep's runs come to, those of earlier commands too; None if none has finished, or for a bug."""
    from nnexp.compare.conclusion import conclusion

    try:
        return conclusion(memory.store, f"sweep {plan.name}", members, plan.config.pictures)
    except UsageError:
        return None
    except Exception as error:  # the sweep has ended all the same, and its summary has to say so
        log.warning("the sweep's runs could not be compared: %s", in_a_line(error))
        return None


def _results(rows: Sequence[Row], table: Table, concluded: Conclusion | None, pages: dict[str, str]) -> Results:
    """What the summary says: counts of this command's jobs, and all runs that the sweep has. pages: of MLflow's UI."""
    counts = dict.fromkeys(COUNTED, 0)
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    counted = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    links = " · ".join(f"[{name}]({page})" for name, page in pages.items() if name != "summary")
    command = on_lines(["python", "-m", "nnexp.run", *sys.argv[1:]])
    said = concluded.description if concluded else table.markdown()
    text = f"{counted} (done: before this command). {links}\n\n{said}\n\nMade by\n\n{command}"
    files: dict[str, str | bytes] = {"table.csv": table.csv(), "table.md": table.markdown(len(table.rows)) + "\n"}
    if concluded is None:
        return Results(text, files, counts, table.best.run if table.best else "", _best(table))
    verdict = "; ".join([concluded.best, *concluded.lines[:1]])
    return Results(text, files | dict(concluded.files), counts, concluded.comparison.best.id, verdict)


def row_in(varying: dict[str, Any], run: StoredRun) -> Row:
    """What the store knows of a job's run."""
    metrics = run.run.data.metrics
    return Row(
        varying,
        STATES.get(str(run.run.info.status), "to do"),
        metrics.get("best_validation_accuracy"),
        metrics.get("test_accuracy") if run.finished else None,
        metrics.get("train_seconds"),
        run.id,
    )


def row_of_stored(over: Sequence[str], run: StoredRun) -> Row:
    """What the store knows of a run of the sweep that the command did not name."""
    params = run.run.data.params
    return row_in({name: from_text(params.get(name, "None")) for name in over}, run)
