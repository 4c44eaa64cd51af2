"""The jobs of a search, as workers ask for them: each what is to be learnt next.

First what was under way when an earlier command ended, then further seeds of settings that may still win, then new
trials. A trial whose run is another trial's at this moment waits for that one, and no worker with it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from nnexp.errors import ConfigError
from nnexp.launch.job_events import Died
from nnexp.runner.job import Job, Place
from nnexp.runner.result import Outcome
from nnexp.searches.replicates import Values, may_still_win, mean
from nnexp.study.objectives import PARAMETERS, SECONDS, VALIDATION
from nnexp.study.pruners import REASONS
from nnexp.study.trials import Asked, Trials

AHEAD_FROM = 200  # trials: from then on, to choose the next one takes long enough to do it while workers train


class Planned(Protocol):
    """What a search goes by: its objectives, the seeds of a trial, and when it ends.

    limit: trials in all. timeout: seconds. size: how many settings there are. None: no end.
    """

    @property
    def objectives(self) -> list[str]: ...

    @property
    def seeds(self) -> Sequence[int]: ...

    @property
    def limit(self) -> int | None: ...

    @property
    def timeout(self) -> float | None: ...

    @property
    def size(self) -> int | None: ...

    def job(self, trial: Asked, seed: int) -> Job:
        """The run of this trial with this seed; `ConfigError` if its settings don't go together."""


AT_MOST = 3  # times the limit: so many trials in all, whatever they have tried
TOO_MANY = 5  # jobs that fail one after the other: what is wrong is not their settings, and no further trial begins


def more_to_try(plan: Planned, trials: Sequence[Asked]) -> bool:
    """Whether fewer settings were tried than are to be, and there are some that none has tried.

    A sampler may come back to settings that it has tried: that trains nothing, and counts for nothing.
    """
    tried = different(trials)
    wanted = [most for most in (plan.limit, plan.size) if most is not None]
    going_round = plan.limit is not None and len(trials) >= AT_MOST * plan.limit
    return not going_round and all(tried < most for most in wanted)


def different(trials: Iterable[Asked]) -> int:
    """How many settings these trials have tried."""
    return len({tuple(trial.suggested.items()) for trial in trials})


@dataclass(frozen=True)
class Given:
    """A job that a worker has, or is to have."""

    trial: Asked
    seed: int
    job: Job


class SearchJobs:
    """Iterates over jobs, each with its place; gives None while there is none before another has ended.

    place: where the job of that number writes. first: the number of the first job.
    """

    def __init__(
        self,
        plan: Planned,
        trials: Trials,
        place: Callable[[int, Job], Place],
        first: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._trials, self._place, self._first = plan, trials, place, first
        self._clock, self._began = clock, clock()
        self.objectives = plan.objectives
        self.trials = {trial.number: trial for trial in trials.all()}
        self.given: list[Given] = []
        self.failed: list[tuple[Given, Outcome | Died]] = []
        self._failures = 0  # of jobs, in a row
        self._due: deque[Given] = deque()
        self._under_way: dict[str, list[Given]] = {}  # by the run's key: a job, and others that wait for the same run
        self._thinking = ThreadPoolExecutor(1)
        self._coming: Future[Asked] | None = None  # the next trial, chosen while workers train
        for trial in trials.interrupted():
            self.trials[trial.number] = trial
            self._next_step(trial)

    def __iter__(self) -> Iterator[tuple[Job, Place] | None]:
        return self

    def __next__(self) -> tuple[Job, Place] | None:
        while not self._due:
            if not self._may_ask():
                return None
            trial = self._asked()
            self.trials[trial.number] = trial
            self._next_step(trial)
        given = self._due.popleft()
        self.given.append(given)
        placed = given.job, self._place(self._first + len(self.given) - 1, given.job)
        if len(self.trials) >= AHEAD_FROM and not self._due and not self._coming and self._may_ask():
            self._coming = self._thinking.submit(self._trials.ask)
        return placed

    def ended(self, number: int, outcome: Outcome | Died) -> Given:
        """Take in what came of the job that was given as that number; gives which it was."""
        if self._coming:
            self._coming.result()  # so that it is known what was asked before, and what after
        given = self.given[number]
        waiting = self._under_way.pop(given.job.key)
        for each in waiting:
            self._settle(each, outcome)
        return given

    def _may_ask(self) -> bool:
        if self._coming:
            return True
        timeout = self._plan.timeout
        in_time = timeout is None or self._clock() - self._began < timeout
        return in_time and self._failures < TOO_MANY and more_to_try(self._plan, list(self.trials.values()))

    def _asked(self) -> Asked:
        coming, self._coming = self._coming, None
        return coming.result() if coming else self._trials.ask()

    def _next_step(self, trial: Asked) -> None:
        """Make the trial's next seed due, or tell what it came to; one whose settings don't go together is hopeless."""
        if trial.results and not self._gets_another_seed(trial):
            trial.values, trial.state = mean(list(trial.results.values())), "COMPLETE"
            self._trials.tell(trial, trial.values)
            return
        seed = self._plan.seeds[len(trial.results)]
        try:
            job = self._plan.job(trial, seed)
        except ConfigError as error:
            self._give_up(trial, "; ".join(error.problems))
            return
        waiting = self._under_way.setdefault(job.key, [])
        waiting.append(Given(trial, seed, job))
        if len(waiting) == 1:
            self._due.append(waiting[0])

    def _settle(self, given: Given, outcome: Outcome | Died) -> None:
        if isinstance(outcome, Died) or (outcome.why and not outcome.diverged):
            self.failed.append((given, outcome))  # and never told: the same command again takes it up
            self._failures += 1
            return
        self._failures = 0
        if outcome.diverged or outcome.state == "pruned":
            self._give_up(given.trial, "; ".join(outcome.why) or _pruned(given.job))
        else:
            self._trials.remember(given.trial, given.seed, self._values(given.job, outcome))
            self._next_step(given.trial)

    def _give_up(self, trial: Asked, why: str) -> None:
        trial.state, trial.why = "PRUNED", why
        self._trials.tell_pruned(trial, why)

    def _values(self, job: Job, outcome: Outcome) -> Values:
        sizes = job.config.sizes
        parameters = sum((fed + 1) * units for fed, units in pairwise(sizes))
        known = {VALIDATION: outcome.validation, SECONDS: outcome.seconds, PARAMETERS: parameters}
        return tuple(float(known[name] or 0.0) for name in self._plan.objectives)

    def _gets_another_seed(self, trial: Asked) -> bool:
        reached = len(trial.results)
        if reached >= len(self._plan.seeds):
            return False
        others = [each for each in self.trials.values() if each is not trial and len(each.results) >= reached]
        of_others = [_first(each, reached) for each in others]
        return may_still_win(_first(trial, reached), of_others, self._plan.objectives)


def _pruned(job: Job) -> str:
    """`pruned: it is not among the best third of the trials that got there`."""
    return f"pruned: {REASONS[job.question.prune]}" if job.question else "pruned"


def _first(trial: Asked, seeds: int) -> Values:
    """Its means over its first seeds."""
    return mean(list(trial.results.values())[:seeds])
