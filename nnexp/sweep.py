"""A sweep: every job checked before the first starts, what is done looked up, the rest launched, a table at the end.

A job is known by its run's key, so the same command again does what is left, and one more value on an axis adds its
jobs alone. Each job is launched with every setting spelled out: nothing that is edited meanwhile can change it.
"""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import yaml
from hydra.core.utils import JobReturn, JobStatus

from nnexp.errors import JobFailed, SweepFailed, in_a_line
from nnexp.one_run import Summary
from nnexp.plan import Job, Plan
from nnexp.report.sweep_table import Row, Table, in_time
from nnexp.track.tracking import Results
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.compare.conclusion import Conclusion
    from nnexp.track.runs import StoredRun
    from nnexp.track.summary import SweepSummary

log = logging.getLogger(__name__)

STATES = {"FINISHED": "done", "KILLED": "killed", "FAILED": "failed", "RUNNING": "running"}  # of MLflow, as we say it

Launch = Callable[[Sequence[Sequence[str]]], Sequence[JobReturn]]


def show(plan: Plan) -> None:
    """Print every job, what is known of it, and how long what is left will take."""
    seconds = plan.seconds()
    rows = [replace(_row(job, plan.known.get(job.key)), seconds=seconds[job.key]) for job in plan.jobs]
    left = [row.seconds or 0.0 for row in rows if row.state != "done"]
    Table(plan.config.sweep.over, rows).show(most=len(rows), ranked=False)
    at_once = min(plan.config.launch.at_once, max(1, len(left)))
    log.info(
        "sweep %s: %d jobs, %d of them done; the others train for about %s, %d at once",
        plan.name,
        len(rows),
        len(rows) - len(left),
        in_time(max([sum(left) / at_once, *left])),
        at_once,
    )


def sweep(plan: Plan, launch: Launch) -> Sequence[JobReturn]:
    """Do what is left of the plan; gives what came of the jobs that were launched.

    Raises `SweepFailed` at the end if jobs failed, `Interrupted` after Ctrl-C or SIGTERM.
    """
    return _Sweep(plan).run(launch)


class _Sweep:
    """A sweep on its way: its jobs, and what came of them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._memory = plan.memory
        self._rows = {job.key: _row(job, plan.known.get(job.key)) for job in plan.jobs}
        self._left = [job for job in plan.jobs if self._rows[job.key].state != "done"]
        self._failures: dict[str, str] = {}

    def run(self, launch: Launch) -> Sequence[JobReturn]:
        """Launch what is left, and tell how it ended."""
        done = len(self._rows) - len(self._left)
        log.info("sweep %s: %d jobs, %d of them done before", self._plan.name, len(self._rows), done)
        summary = self._memory.sweep_summary(self._plan.name) if self._memory else None
        if summary:
            summary.begin(self._plan.config.sweep.over)
        self._claim_what_is_done()
        returns: Sequence[JobReturn] = []
        status: Status = "KILLED"
        try:
            if self._left:
                returns = launch([job.spelled_out for job in self._left])
            for job, came in zip(self._left, returns, strict=True):
                self._take(job, came)
            status = "FAILED" if self._failures else "FINISHED"
        finally:
            self._guarded(self._look_again)
            self._tell(summary, status)
        if self._failures:
            count = f"{len(self._failures)} of {len(self._rows)} jobs failed; the same command again runs them alone"
            raise SweepFailed("\n".join([count, *(f"  {name}: {why}" for name, why in self._failures.items())]))
        return returns

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step of the end; a store that is gone keeps the others from nothing."""
        try:
            step()
        except Exception as error:  # MLflow raises many
            log.warning("the end of the sweep could not be remembered: %s", in_a_line(error))

    def _claim_what_is_done(self) -> None:
        """Tag runs of earlier commands as this sweep's too."""
        for job in self._plan.jobs:
            if self._memory and self._rows[job.key].state == "done":
                self._memory.join(self._plan.known[job.key], self._plan.name, job.config.sweep.group)

    def _take(self, job: Job, came: JobReturn) -> None:
        """Note what came of a job."""
        if came.status is JobStatus.COMPLETED:
            self._rows[job.key] = _row_of(job, cast(Summary, came._return_value))
            return
        error = came._return_value
        self._rows[job.key] = replace(self._rows[job.key], state="failed")
        where = f"\n    {error.where}" if isinstance(error, JobFailed) and error.where else ""
        self._failures[job.name] = f"{error}{where}"

    def _look_again(self) -> None:
        """See what became of the jobs that did not come back; none of them goes on saying RUNNING."""
        if self._memory is None:
            return
        for job in self._left:
            row = self._rows[job.key]
            run = self._memory.known(job.key) if row.validation is None else None
            if run and run.dead:
                run.mark_killed()
                run = self._memory.known(job.key)
            if run:
                now = _row(job, run)
                self._rows[job.key] = replace(now, state="failed") if row.state == "failed" else now

    def _tell(self, summary: SweepSummary | None, status: Status) -> None:
        """Print the table, what it means and where to look, and write that into the summary run."""
        table = Table(self._plan.config.sweep.over, list(self._rows.values()))
        table.show()
        if table.best:
            words = " ".join(table.best.words()) or "the only job"
            log.info("best    %s: %s on validation", words, table.best.percent())
        if not self._memory or not summary:
            return
        concluded = self._concluded() if status != "KILLED" else None  # who stops a sweep has no time for a report
        for line in concluded.lines if concluded else []:
            log.info("verdict %s", line)
        for name, address in self._memory.sweep_addresses(self._plan.name, summary.id, table.over).items():
            log.info("%-8s%s", name, address)
        self._guarded(lambda: summary.end(status, self._results(table, concluded, summary.id), table.over))

    def _concluded(self) -> Conclusion | None:
        """What all of the sweep's runs come to, those of earlier commands too; None if none of them has finished."""
        from nnexp.compare.conclusion import conclusion

        assert self._memory is not None  # noqa: S101  # there is a summary
        try:
            members = self._memory.members(self._plan.name)
            pictures = self._plan.config.pictures
            return conclusion(self._memory.store, f"sweep {self._plan.name}", members, pictures)
        except Exception as error:  # none has finished; or what MLflow raises when the store is gone
            log.warning("the sweep is not summed up: %s", in_a_line(error))
            return None

    def _results(self, table: Table, concluded: Conclusion | None, summary_id: str) -> Results:
        """What the summary says: of this command's jobs, and of all runs that the sweep has."""
        assert self._memory is not None  # noqa: S101  # there is a summary
        counts = dict.fromkeys(("new", "continued", "done", "failed", "killed", "to do"), 0)
        for row in self._rows.values():
            counts[row.state] = counts.get(row.state, 0) + 1
        counted = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        ids = {row.run for row in table.rows}
        others = [run for run in self._memory.members(self._plan.name) if run.id not in ids]
        table = Table(table.over, [*table.rows, *(_row_of_stored(table.over, run) for run in others)])
        pages = self._memory.sweep_pages(self._plan.name, summary_id, table.over)
        links = " · ".join(f"[{name}]({page})" for name, page in pages.items() if name != "summary")
        command = shlex.join(["python", "-m", "nnexp.run", *sys.argv[1:]])
        text = [
            f"{counted} (done: before this command). {links}",
            concluded.description if concluded else table.markdown(),
            f"Made by\n\n    {command}",
        ]
        files: dict[str, str | bytes] = {"table.csv": table.csv(), "table.md": table.markdown(len(table.rows)) + "\n"}
        verdict = "; ".join([concluded.best, *concluded.lines[:1]]) if concluded else ""
        best = concluded.comparison.best.id if concluded else ""
        return Results("\n\n".join(text), files | dict(concluded.files if concluded else {}), counts, best, verdict)


def _row(job: Job, run: StoredRun | None) -> Row:
    """What the store knows of a job."""
    return Row(job.varying, "to do") if run is None else _row_in(job.varying, run)


def _row_in(varying: dict[str, Any], run: StoredRun) -> Row:
    metrics = run.run.data.metrics
    return Row(
        varying,
        STATES.get(str(run.run.info.status), "to do"),
        metrics.get("best_validation_accuracy"),
        metrics.get("test_accuracy") if run.finished else None,
        metrics.get("train_seconds"),
        run.id,
    )


def _row_of_stored(over: Sequence[str], run: StoredRun) -> Row:
    """What the store knows of a run of the sweep that the command did not name."""
    params = run.run.data.params
    return _row_in({name: yaml.safe_load(params.get(name, "null")) for name in over}, run)


def _row_of(job: Job, summary: Summary) -> Row:
    """What a job has told itself."""
    state = "done" if summary.how == "found" else summary.how
    return Row(job.varying, state, summary.validation, summary.test, summary.seconds, summary.run_id)
