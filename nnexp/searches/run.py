"""A search: trials chosen and run until there is no time or nothing left, then the best confirmed by fresh seeds.

The study remembers each trial as it is asked for, and the run store each run: after a kill the same command goes on
with the trials that were under way, as the same runs.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nnexp.errors import SweepFailed, SweepLeft
from nnexp.launch.display import Display, display
from nnexp.launch.job_events import Died
from nnexp.launch.preload import ASKING
from nnexp.printable import counted
from nnexp.runner.checkpoint_folders import tidy
from nnexp.runner.job_text import key_of_trial
from nnexp.runtime import owned_files
from nnexp.runtime.locks import alone
from nnexp.searches.conclusion import conclude, searched
from nnexp.searches.confirmation import confirm
from nnexp.searches.display import SearchTally
from nnexp.searches.jobs import SearchJobs, more_to_try
from nnexp.searches.plan import SearchPlan
from nnexp.searches.searched import Searched
from nnexp.study.trials import Trials
from nnexp.sweeps.job_outcomes import Places, failure, modules_of, work_of, workplace
from nnexp.sweeps.plan import Plan
from nnexp.sweeps.run import check_launch
from nnexp.sweeps.table import in_time
from nnexp.sweeps.warm_up import warm_up
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.comparison.comparison import Comparison

log = logging.getLogger(__name__)


def show(plan: SearchPlan) -> None:
    """Print the space, how many settings there are, and how long the budget takes."""
    for line in plan.space.in_words:
        log.info("%s", line)
    size = "" if plan.size is None else f" of {plan.size:,} settings"
    trials = "until the time is over" if plan.limit is None else f"{counted(plan.limit, 'trial')}{size}"
    seconds = Plan(plan.examples, plan.store, {}, dict(plan.datasets), plan.at_once).seconds().values()
    least, most = min(seconds), max(seconds)
    between = f"{in_time(least)} to {in_time(most)}" if most > 2 * least else f"about {in_time(most)}"
    confirmed = 3 * plan.sampler.confirm if len(plan.objectives) == 1 else 0
    seeds = f"seed{'s' * (len(plan.seeds) > 1)} {_listed(plan.seeds)}"
    log.info("for %s; %s; pruned by %s", _listed(plan.objectives), seeds, plan.sampler.prune)
    log.info("search %s: %s; a run trains for %s, %d at once", plan.name, trials, between, plan.at_once)
    if plan.limit:
        runs = plan.limit * len(plan.seeds) + confirmed
        seconds_of_all = runs * math.sqrt(least * most) / plan.at_once
        log.info("up to %d runs, %d of them to confirm the best: about %s", runs, confirmed, in_time(seconds_of_all))


def _listed(names: Sequence[object]) -> str:
    return ", ".join(map(str, names))


def search(
    plan: SearchPlan, places: Places, typed: Sequence[str], told: bool = True, shown: Display = display
) -> Searched | None:
    """Do what is left of the search; gives what it came to, None if its store is gone by then.

    places: where the jobs write. typed: the words of the command. told: whether to print its table.
    shown: how it stands, while it lasts. Raises `SweepFailed` at the end if jobs failed, `Interrupted`
    after Ctrl-C or SIGTERM.
    """
    waits = partial(log.info, "another process is at this very search: waiting for it")
    begun = plan.journal.exists()
    if not begun:  # else it may be that nothing is left
        check_launch(plan.config.launch, plan.config.tracking)
    with alone(f"search {plan.journal}", waits), owned_files.taken(plan.journal.parent, owned_files.SWEEP):
        trials = Trials(plan.journal, plan.name, plan.drawing, plan.about)
        left = more_to_try(plan, trials.all()) or bool(trials.interrupted())
        if begun and left:
            check_launch(plan.config.launch, plan.config.tracking)
        log.info("search %s: %s of it before", plan.name, counted(len(trials), "trial"))
        summary = plan.store.sweep_summary(plan.name) if plan.store else None
        if summary:
            summary.begin(plan.over, more=left)
        status: Status = "KILLED"
        confirmed: Comparison | None = None
        found: Searched | None = None
        failures: list[str] = []
        ends = True
        try:
            failures = _launched(plan, trials, places, typed, shown) if left else []
            if not failures:
                confirmed = confirm(plan, searched(plan, trials.all()), places, typed, shown)
            plan.config.launch.release(plan.name)
            status = "FAILED" if failures else "FINISHED"
        except SweepLeft:
            ends = False  # the same command again goes on, and has the end to tell
            raise
        finally:
            if ends:
                if plan.store:
                    tidy(plan.store)
                found = conclude(plan, trials.all(), confirmed, summary, status, typed, told)
    if failures:
        raise SweepFailed([f"{counted(len(failures), 'job')} failed; the same command again runs them", *failures])
    if (tried := trials.all()) and not any(trial.state == "COMPLETE" for trial in tried):
        raise SweepFailed([f"none of {counted(len(tried), 'trial')} has a result"])
    return found


def _launched(plan: SearchPlan, trials: Trials, places: Places, typed: Sequence[str], shown: Display) -> list[str]:
    """Run the jobs that are left; gives those that failed, each in a line with the reason."""
    work = replace(work_of(plan.name, typed), more=True, key_of=key_of_trial)
    launcher = plan.config.launch
    warm = partial(warm_up, plan.examples, plan.datasets, plan.store)
    asks = plan.sampler.prune != "none"
    with workplace(plan.name, places, launcher, [*modules_of(plan.examples), *(ASKING if asks else [])], warm) as first:
        jobs = SearchJobs(plan, trials, places.place, first)
        with shown(SearchTally(jobs, plan.limit, _in_time(plan.timeout))) as show:
            launcher.run(work, jobs, plan.at_once, show)
    return [
        f"  {given.job.name}: {f'job {outcome.how}' if isinstance(outcome, Died) else failure(outcome)}"
        for given, outcome in jobs.failed
    ]


def _in_time(timeout: float | None) -> partial[float]:
    """How much of the time has passed, 0 to 1; 0 if there is no end to it."""
    began = time.monotonic()
    return partial(lambda: (time.monotonic() - began) / timeout if timeout else 0.0)
