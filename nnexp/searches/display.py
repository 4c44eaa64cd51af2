"""How a search stands, for the one display of its jobs."""

from __future__ import annotations

from collections.abc import Callable

from nnexp.formats import percent
from nnexp.launch.job_events import JobEnded, JobEvent, JobPrinted, JobProgress
from nnexp.printable import counted
from nnexp.searches.jobs import Given, SearchJobs, different
from nnexp.stats.estimate import estimate
from nnexp.study.objectives import VALIDATION
from nnexp.sweeps.job_outcomes import failure


class SearchTally:
    """How many trials are done, running and pruned, and the best so far.

    jobs: of the search. share: of its trials, 0 to 1. in_time: of the time that it has, if that is set.
    """

    def __init__(self, jobs: SearchJobs, limit: int | None, in_time: Callable[[], float]) -> None:
        self._jobs, self._limit, self._in_time = jobs, limit, in_time
        self._progress: dict[int, JobProgress] = {}
        self.epochs = 0
        self.share = 0.0

    def hear(self, number: int, event: JobEvent) -> str:
        """Take in an event; gives a line to show, or nothing."""
        line = ""
        match event:
            case JobProgress():
                self._progress[number] = event
            case JobPrinted(line=printed):
                line = f"[{self._jobs.given[number].job.name}] {printed}"
            case JobEnded(outcome=outcome):
                given = self._jobs.ended(number, outcome)
                line = f"trial {given.trial.number}  {given.job.name}  {self._ending(given, number, event)}"
        of_trials = self._done / self._limit if self._limit else 0.0
        self.share = min(1.0, max(of_trials, self._in_time()))
        return line

    def in_words(self) -> str:
        """`12 of 50 trials, 2 running, 3 pruned; best 97.91 ± 0.10 % (eta=1.3)`."""
        states = [trial.state for trial in self._jobs.trials.values()]
        of = f" of {counted(self._limit, 'trial')}" if self._limit else f" {'trial' if self._done == 1 else 'trials'}"
        running, pruned = states.count("RUNNING"), states.count("PRUNED")
        parts = [f"{self._done}{of}", f"{running} running", *([f"{pruned} pruned"] if pruned else [])]
        return ", ".join(parts) + self._best()

    def is_success(self, event: JobEvent) -> bool:
        """Whether the event is the good end of a job."""
        return isinstance(event, JobEnded) and not failure(event.outcome)

    @property
    def _done(self) -> int:
        return different(trial for trial in self._jobs.trials.values() if trial.state != "RUNNING")

    def _ending(self, given: Given, number: int, event: JobEnded) -> str:
        if given.trial.state == "PRUNED":
            return given.trial.why
        if why := failure(event.outcome):
            return f"failed: {why}"
        return f"validation {percent(event.outcome.validation)}"

    def _best(self) -> str:
        """The best so far by validation, with its interval where there are several seeds."""
        done = [trial for trial in self._jobs.trials.values() if trial.state == "COMPLETE"]
        if not done or self._jobs.objectives[0] != VALIDATION:
            return ""
        best = max(done, key=lambda trial: (len(trial.results), trial.values[0]))
        found = estimate([values[0] for values in best.results.values()])
        between = "" if found.low is None else f", {percent(found.low)} to {percent(found.high)}"
        settings = " ".join(f"{name}={value}" for name, value in best.suggested.items())
        return f"; best {percent(found.mean)}{between} ({settings})"
