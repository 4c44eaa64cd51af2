"""A sweep: every job checked before the first starts, what is done looked up, the rest launched, a table at the end.

A job is known by its run's key, so the same command again does what is left, and one more value on an axis adds its
jobs alone. Each job is launched with every setting spelled out: nothing that is edited meanwhile can change it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from hydra.core.utils import JobReturn, JobStatus

from nnexp.errors import JobFailed, NnexpError, SweepFailed, in_a_line
from nnexp.printable import counted
from nnexp.runner.checkpoint_folders import tidy
from nnexp.runner.result import Summary
from nnexp.runner.resume import join
from nnexp.sweep import report
from nnexp.sweep.plan import Job, Plan
from nnexp.sweep.table import Row, Table, in_time
from nnexp.tracking.chosen import metrics_of
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.tracking.contract import SweepSummary

log = logging.getLogger(__name__)

Launch = Callable[[Sequence[Sequence[str]]], Sequence[JobReturn]]


def show(plan: Plan) -> None:
    """Print every job, what is known of it, and how long what is left will take."""
    seconds = plan.seconds()
    rows = [replace(row, seconds=seconds[key]) for key, row in _rows(plan).items()]
    left = [row.seconds or 0.0 for row in rows if row.state != "done"]
    Table(plan.config.sweep.over, rows).show(most=len(rows), ranked=False)
    at_once = min(plan.at_once, max(1, len(left)))
    others = f"the others train for about {in_time(max([sum(left) / at_once, *left]))}, {at_once} at once"
    done = f"{len(rows) - len(left)} of them done; {others}" if left else "all of them done"
    log.info("sweep %s: %s, %s", plan.name, counted(len(rows), "job"), done)
    _say_what_others_made(plan)


def sweep(plan: Plan, launch: Launch) -> Sequence[JobReturn]:
    """Do what is left of the plan; gives what came of the jobs that were launched.

    Raises `SweepFailed` at the end if jobs failed, `Interrupted` after Ctrl-C or SIGTERM.
    """
    return _Sweep(plan).run(launch)


class _Sweep:
    """A sweep on its way: its jobs, and what came of them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._store = plan.store
        self._rows = _rows(plan)
        self._left = [job for job in plan.jobs if self._rows[job.key].state != "done"]
        self._failures: dict[str, list[str]] = {}

    def run(self, launch: Launch) -> Sequence[JobReturn]:
        """Launch what is left, and tell how it ended."""
        done = len(self._rows) - len(self._left)
        log.info("sweep %s: %s, %d of them done before", self._plan.name, counted(len(self._rows), "job"), done)
        _say_what_others_made(self._plan)
        summary = self._store.sweep_summary(self._plan.name) if self._store else None
        if summary:
            summary.begin(self._plan.config.sweep.over, more=bool(self._left))
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
            if self._store:
                tidy(self._store)
            self._tell(summary, status)
        if self._failures:
            share = f"{len(self._failures)} of {counted(len(self._rows), 'job')}"
            count = f"{share} failed; the same command again runs them alone"
            raise SweepFailed([count, *(line for lines in self._failures.values() for line in lines)])
        return returns

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step of the end; a store that is gone keeps the others from nothing."""
        try:
            step()
        except Exception as error:  # a store may raise any
            log.warning("the end of the sweep could not be remembered: %s", in_a_line(error))

    def _claim_what_is_done(self) -> None:
        """Tag runs of earlier commands as this sweep's too."""
        for job in self._plan.jobs:
            if self._store and self._rows[job.key].state == "done":
                join(self._plan.known[job.key], self._plan.name, job.config.sweep.group)

    def _take(self, job: Job, came: JobReturn) -> None:
        """Note what came of a job."""
        if came.status is JobStatus.COMPLETED:
            self._rows[job.key] = _row_of(job, cast(Summary, came._return_value))
            return
        error = came._return_value
        self._rows[job.key] = replace(self._rows[job.key], state="failed")
        why = "; ".join(error.lines) if isinstance(error, NnexpError) else str(error)
        where = [f"    {error.where}"] if isinstance(error, JobFailed) and error.where else []
        self._failures[job.name] = [f"  {job.name}: {why}", *where]

    def _look_again(self) -> None:
        """See what became of the jobs that did not come back; none of them goes on saying RUNNING."""
        if self._store is None:
            return
        for job in self._left:
            row = self._rows[job.key]
            run = self._store.find(job.key) if row.validation is None else None
            if run and run.dead:
                self._store.set_status(run.id, "KILLED")
                run = self._store.find(job.key)
            if run:
                now = report.row_in(job.varying, run, metrics_of(self._store, [run])[run.id])
                self._rows[job.key] = replace(now, state="failed") if row.state == "failed" else now

    def _tell(self, summary: SweepSummary | None, status: Status) -> None:
        """Print the table, what it means and where to look, and write that into the summary run."""
        rows, store = list(self._rows.values()), self._store
        report.show(self._plan, rows)
        if summary is None or store is None:
            return
        try:
            self._guarded(lambda: report.sum_up(self._plan, rows, store, summary, status))
        except KeyboardInterrupt:
            self._guarded(lambda: report.sum_up(self._plan, rows, store, summary, "KILLED"))  # without the report
            raise


def _say_what_others_made(plan: Plan) -> None:
    for line in plan.made_by_others():
        log.warning("%s", line)


def _rows(plan: Plan) -> dict[str, Row]:
    """What the store knows of each job, by key."""
    metrics = metrics_of(plan.store, list(plan.known.values())) if plan.store else {}
    rows = {job.key: Row(job.varying, "to do") for job in plan.jobs}
    return rows | {key: report.row_in(rows[key].varying, run, metrics[run.id]) for key, run in plan.known.items()}


def _row_of(job: Job, summary: Summary) -> Row:
    """What a job has told itself."""
    state = "done" if summary.how == "found" else summary.how
    chosen = summary.epoch, summary.validation, summary.test
    return Row(job.varying, state, *chosen, summary.seconds, summary.run_id)
