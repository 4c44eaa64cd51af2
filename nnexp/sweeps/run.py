"""A sweep: every job checked before the first starts, what is done looked up, the rest launched, a table at the end.

A job is known by its run's key, so the same command again does what is left, and one more value on an axis adds its
jobs alone. Each job is launched as the configuration that was planned: nothing that is edited meanwhile can change it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nnexp.errors import SweepFailed, SweepLeft, UsageError, in_a_line
from nnexp.launch.display import Display, display
from nnexp.launch.launchers.base import Launcher
from nnexp.printable import counted
from nnexp.runner.checkpoint_folders import tidy
from nnexp.runner.job import Job
from nnexp.runner.result import Outcome
from nnexp.runtime.signals import GOES_ON, NOTHING_KEPT, with_outlook
from nnexp.runtime.waiting import doing
from nnexp.sweeps import report, verdict
from nnexp.sweeps.job_outcomes import Places, launched, work_of
from nnexp.sweeps.plan import Plan
from nnexp.sweeps.resume import claim, looked_up_again, outcomes_before
from nnexp.sweeps.table import Table, in_time
from nnexp.sweeps.warm_up import warm_up
from nnexp.tracking.stores.base import Tracking
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.comparison.comparison import Comparison
    from nnexp.tracking.recording import SweepSummary

log = logging.getLogger(__name__)

ALL_DONE = "all jobs are done, {again} shows the result"


def show(plan: Plan) -> None:
    """Print every job, what is known of it, and how long what is left will take."""
    with doing("measuring how long an epoch takes"):
        seconds = plan.seconds()
    before = outcomes_before(plan.jobs, plan.store, plan.known)
    rows = [replace(outcome, seconds=seconds[key]) for key, outcome in before.items()]
    left = [row.seconds or 0.0 for row in rows if row.state != "done"]
    Table(plan.over, rows).show(most=len(rows), ranked=False)
    at_once = min(plan.at_once, max(1, len(left)))
    others = f"the others train for about {in_time(max([sum(left) / at_once, *left]))}, {at_once} at once"
    done = f"{len(rows) - len(left)} of them done; {others}" if left else "all of them done"
    log.info("sweep %s: %s, %s", plan.name, counted(len(rows), "job"), done)
    _say_what_others_made(plan)


def sweep(
    plan: Plan,
    places: Places,
    typed: Sequence[str],
    told: bool = True,
    workers_of: str = "",
    shown: Display = display,
) -> list[Outcome]:
    """Do what is left of the plan; gives the outcome of each job, in the order of the plan.

    places: where the jobs write. typed: the words of the command. told: whether to print what it came to; its summary
    says so anyway. workers_of: the search whose workers do it, if they are not to be its own. shown: how it stands,
    while it lasts. Raises `SweepFailed` at the end if jobs failed, `Interrupted` after Ctrl-C or SIGTERM.
    """
    return _Sweep(plan, typed, told, workers_of or plan.name, shown).run(places)


def check_launch(launch: Launcher, tracking: Tracking) -> None:
    """Raise `UsageError` if jobs can't be launched so; then no empty run store is left."""
    try:
        launch.check()
    except UsageError:
        tracking.forget_empty()
        raise


class _Sweep:
    """A sweep on its way: its jobs, and their outcomes so far, by key."""

    def __init__(self, plan: Plan, typed: Sequence[str], told: bool, workers_of: str, shown: Display) -> None:
        self._plan = plan
        self._typed = typed
        self._told = told
        self._workers_of = workers_of
        self._shown = shown
        self._store = plan.store
        self._outcomes = outcomes_before(plan.jobs, plan.store, plan.known)
        self._left = [job for job in plan.jobs if self._outcomes[job.key].state != "done"]

    def run(self, places: Places) -> list[Outcome]:
        """Launch what is left, and tell how it ended."""
        if self._left:
            check_launch(self._plan.config.launch, self._plan.config.tracking)
        done = len(self._outcomes) - len(self._left)
        log.info("sweep %s: %s, %d of them done before", self._plan.name, counted(len(self._outcomes), "job"), done)
        if self._left and self._plan.shared:
            log.info("all of them: %s", self._plan.shared)
        _say_what_others_made(self._plan)
        summary = self._store.sweep_summary(self._plan.name) if self._store else None
        if summary:
            summary.begin(self._plan.over, more=bool(self._left))
        claim(self._plan.done, self._plan.known)
        with with_outlook(self._outlook):
            return self._ended(places, summary)

    def _outlook(self) -> str:
        """What comes of the sweep after a signal."""
        if self._store is None:
            return NOTHING_KEPT
        return ALL_DONE if all(outcome.state in verdict.DONE for outcome in self._outcomes.values()) else GOES_ON

    def _ended(self, places: Places, summary: SweepSummary | None) -> list[Outcome]:
        """Launch what is left, and tell how it ended; the outcomes."""
        try:
            self._launch(places)
        except SweepLeft:  # whoever goes on with it has the end to tell
            raise
        except BaseException:
            self._end(summary, "KILLED")
            raise
        failed = [job for job in self._left if self._outcomes[job.key].state == "failed"]
        failures = self._explained(failed)
        self._end(summary, "FAILED" if failed else "FINISHED")
        if failures:
            share = f"{len(failed)} of {counted(len(self._outcomes), 'job')}"
            raise SweepFailed([f"{share} failed; the same command again runs them alone", *failures])
        return list(self._outcomes.values())

    def _launch(self, places: Places) -> None:
        """Have the jobs done that are left."""
        if self._left:
            plan, warm = self._plan, partial(warm_up, self._left, self._plan.datasets, self._store)
            work = work_of(self._workers_of, self._typed)
            outcomes = launched(self._left, work, plan.config.launch, plan.at_once, places, warm, self._shown)
            self._outcomes |= {job.key: outcome for job, outcome in zip(self._left, outcomes, strict=True)}

    def _end(self, summary: SweepSummary | None, status: Status) -> None:
        """See what became of the rest, tidy up, and tell."""
        with doing("summing the sweep up"):
            self._guarded(self._look_again)
            if self._store:
                tidy(self._store)
            self._tell(summary, status)

    def _explained(self, failed: Sequence[Job]) -> list[str]:
        """Why jobs failed, and the line of code where that was a bug."""
        lines = []
        for job in failed:
            outcome = self._outcomes[job.key]
            lines.append(f"  {job.name}: {'; '.join(outcome.why)}")
            lines += [f"    {outcome.where}"] if outcome.where else []
        return lines

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step of the end; a store that is gone keeps the others from nothing."""
        try:
            step()
        except Exception as error:  # a store may raise any
            log.warning("the end of the sweep could not be remembered: %s", in_a_line(error))

    def _look_again(self) -> None:
        """See what became of the jobs that did not come back with a result."""
        for job in self._left:
            outcome = self._outcomes[job.key]
            if self._store and outcome.validation is None:
                self._outcomes[job.key] = looked_up_again(job, outcome, self._store)

    def _tell(self, summary: SweepSummary | None, status: Status) -> None:
        """Print a table, what it means and where to look, and write that into the summary run."""
        rows, store = list(self._outcomes.values()), self._store
        comparison: Comparison | None = None

        def sum_up(status: Status) -> None:
            if summary and store:
                report.sum_up(self._plan, rows, comparison, store, summary, status, self._typed, self._told)

        try:
            comparison = verdict.compared(self._plan.name, store) if store else None
            if self._told:
                verdict.show(self._plan.over, rows, comparison, status)
            self._guarded(lambda: sum_up(status))
        except KeyboardInterrupt:  # without the report
            self._guarded(lambda: sum_up("KILLED"))
            raise


def _say_what_others_made(plan: Plan) -> None:
    for line in plan.made_by_others():
        log.warning("%s", line)
