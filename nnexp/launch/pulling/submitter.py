"""The sweep's side of a queue: its jobs put for workers to pull, and what comes of them heard from files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from nnexp.errors import NnexpError, SweepFailed
from nnexp.launch.engines.base import Engine
from nnexp.launch.job_events import Died, JobEnded, OnEvent
from nnexp.launch.launchers.base import Work
from nnexp.launch.pulling.event_lines import Follower
from nnexp.launch.pulling.leaving import left
from nnexp.launch.pulling.lost_claims import LostClaims
from nnexp.launch.pulling.presence import SUBMITTER, leave, present
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, WORKERS, Queue, Ticket
from nnexp.launch.pulling.queue_file import FILE, queue_of, write
from nnexp.launch.pulling.rounds import attach, jobs_of_round
from nnexp.launch.pulling.started_workers import StartedWorkers

SHORTEST_SECONDS, LONGEST_SECONDS = 0.02, 0.5  # between two looks at what workers have told
SCAN_SECONDS = 3.0  # between two looks for outcomes that no event has told


def run_pulled(
    work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent, engine: Engine | None = None, wait: bool = True
) -> list[Any]:
    """What came of each of the jobs, or `Died`, in their order; done by workers that pull. See `Launcher.run`.

    jobs: a sequence is put at once, of any other iterable as many as there are workers. at_once: workers to start.
    engine: what starts them; without one they are started by hand. wait: whether to wait for what comes of the jobs.
    Jobs that an earlier command of this sweep has put are not put again: they are waited for, and what has come of
    them since is the answer. Raises `UsageError` for a queue that is another command's, `LaunchError`, `SweepFailed` if
    there are no workers any more, or the sweep is cancelled, and `SweepLeft` if it does not wait. After a signal, see
    `leaving.leave_or_cancel`.
    """
    queue = queue_of(work.name)
    if isinstance(jobs, Sequence):
        attach(queue, [work.key_of(job) for job in jobs])
    else:
        attach(queue)
    write(queue, work.words, work.more)
    submitted = _Submitted(queue, work, jobs, at_once, on_event)
    with present(queue.folder / SUBMITTER, {}):
        _follow(submitted, queue, StartedWorkers(queue, engine, at_once), wait)
        if not work.more:
            _end(queue)
    return submitted.outcomes


def release(name: str) -> None:
    """Let the workers of this sweep go, that have stayed for more jobs, if it has any. See `Launcher.release`."""
    queue = queue_of(name)
    if (queue.folder / FILE).exists():
        _end(queue)


def _end(queue: Queue) -> None:
    """Say that all jobs have come to their end, and no more will come."""
    queue.conclude()  # before it is seen to be over, and the submitter to be gone, or a worker would do so
    queue.mark(CLOSED)


def _follow(submitted: _Submitted, queue: Queue, workers: StartedWorkers, wait: bool) -> None:
    """Come back when all jobs have an outcome."""
    submitted.put()
    submitted.look()
    if submitted.is_done:
        return
    workers.start(submitted.left)
    if not wait:
        leave(queue.folder / SUBMITTER)
        submitted.look()
        if submitted.is_done and queue.is_first_to_conclude():
            return  # the last worker ended while we were still there
        raise left(queue.folder.name)
    lost, pause = LostClaims(queue, queue.folder / SUBMITTER), SHORTEST_SECONDS
    while not submitted.is_done:
        if queue.is_marked(CANCELLED):
            raise SweepFailed(f"sweep {queue.folder.name} was cancelled; the same command again does what is left")
        heard = submitted.hear()
        pause = SHORTEST_SECONDS if heard else min(1.5 * pause, LONGEST_SECONDS)
        lost.give_back()
        workers.check()
        if not heard:
            time.sleep(pause)


class _Submitted:
    """The jobs that have been put, and what has come of them so far."""

    def __init__(
        self,
        queue: Queue,
        work: Work,
        jobs: Iterable[Any],
        at_once: int,
        on_event: OnEvent,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._work, self._on_event = queue, work, on_event
        self._is_finite = isinstance(jobs, Sequence)
        self._jobs: Iterator[Any] = iter(jobs)
        self._room = len(jobs) if isinstance(jobs, Sequence) else at_once
        self._known = {ticket.key: ticket for ticket in jobs_of_round(queue).values()}
        self._next = queue.next
        self._tickets: list[Ticket] = []  # of the jobs, by their numbers
        self._open: dict[str, int] = {}  # numbers of those without an outcome
        self._outcomes: dict[int, Any] = {}
        self._follower = Follower(queue.folder / WORKERS)
        self._clock, self._scan_at = clock, clock()

    @property
    def is_done(self) -> bool:
        return not self._open

    @property
    def left(self) -> int:
        """How many jobs have no outcome yet."""
        return len(self._open)

    @property
    def outcomes(self) -> list[Any]:
        return [self._outcomes[number] for number in sorted(self._outcomes)]

    def put(self) -> None:
        """Put jobs, as long as there is room and there are any."""
        while len(self._open) < self._room and (job := next(self._jobs, None)) is not None:
            key = self._work.key_of(job)
            if key not in self._known:
                self._known[key] = Ticket(self._next, key)
                self._next += 1
                self._queue.put(self._known[key], {"job": self._work.to_json(job)})
            self._open[self._known[key].id] = len(self._tickets)
            self._tickets.append(self._known[key])
        if self._is_finite and not self._queue.is_marked(CLOSED):
            self._queue.mark(CLOSED)

    def hear(self) -> bool:
        """Tell of what workers have told since the last time; whether there was anything."""
        heard = False
        for name, event in self._follower.news():
            number = self._open.get(name)
            if number is None:
                continue
            heard = True
            if event is None:
                self._end(number)
            else:
                self._on_event(number, event)
        if self._clock() >= self._scan_at:
            self.look()
        if heard:
            self.put()
        return heard

    def look(self) -> None:
        """Look for outcomes, whether they were told or not."""
        for ticket in self._queue.outcomes():
            if (number := self._open.get(ticket.id)) is not None:
                self._end(number)
        self._scan_at = self._clock() + SCAN_SECONDS
        self.put()

    def _end(self, number: int) -> None:
        ticket = self._tickets[number]
        told = self._queue.outcome(ticket)
        if told is None:
            return  # it was given back
        outcome = self._outcome(told)
        del self._open[ticket.id]
        self._outcomes[number] = outcome
        self._on_event(number, JobEnded(outcome))

    def _outcome(self, told: Any) -> Any:
        """What came of a job, or `Died`. told: as JSON values."""
        if "died" in told:
            return Died(told["died"])
        try:
            return self._work.outcome_from(told["outcome"])
        except NnexpError as error:
            return Died(f"has an outcome that can't be read: {error}")
