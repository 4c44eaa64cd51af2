"""A worker's side of a queue: jobs claimed as its processes get free, and what comes of each told to everybody."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import count
from typing import Any

from nnexp.errors import NnexpError, in_a_line
from nnexp.launch.job_events import Died, JobEnded, JobEvent
from nnexp.launch.pulling.event_lines import EventFile
from nnexp.launch.pulling.lost_claims import LostClaims, settle_killed
from nnexp.launch.pulling.presence import SUBMITTER, is_there
from nnexp.launch.pulling.queue import CANCELLED, WORKERS, Queue, Ticket

SHORTEST_SECONDS, LONGEST_SECONDS = 0.02, 1.0  # between two looks for a job that is not there yet
WATCH_SECONDS = 1.0
PATIENCE_SECONDS = 300.0  # for the process that puts jobs to come back, while there is nothing to do
UNREADABLE = (OSError, ValueError, KeyError, TypeError, RecursionError, NnexpError)  # what reading a job may raise
MOST_MISSES = 1000  # before it looks whether the sweep goes on: there may be files that nobody can move
MISSES = 8  # jobs in a row that others were faster at: what is known of the queue is old


class Cancelled(Exception):
    """The sweep has been cancelled."""


class Pulling:
    """Iterates over jobs of a queue, as `run_all` wants them; gives None while there is none and one of its own runs.

    worker: what it is called. job_from: a job, from JSON values. to_json: an outcome as such; those of one that failed
    have a `why` that is not empty. is_known_by: whether a job is the one of a ticket's key. done: how many jobs have
    come to their end here.
    """

    def __init__(
        self,
        queue: Queue,
        worker: str,
        job_from: Callable[[Any], Any],
        to_json: Callable[[Any], Any],
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        is_known_by: Callable[[Any, str], bool] = lambda job, key: True,
    ) -> None:
        self._queue, self._worker, self._is_known_by = queue, worker, is_known_by
        self._job_from, self._to_json = job_from, to_json
        self._sleep, self._clock = sleep, clock
        self._events = EventFile(queue.folder / WORKERS, worker, clock)
        self._lost = LostClaims(queue, queue.folder / WORKERS / f"{worker}.json", clock)
        self._numbers = count()
        self._mine: dict[int, Ticket] = {}
        self._seen: deque[Ticket] = deque()  # that waited when the queue was looked at last
        self._last_return = 0  # at that time
        self._look_at, self._pause = clock(), SHORTEST_SECONDS
        self.done = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        idle_since = self._clock()
        while True:
            if self._clock() >= self._look_at:
                if (job := self._claimed()) is not None:
                    self._look_at, self._pause = self._clock(), SHORTEST_SECONDS
                    return job
                self._pause = min(2 * self._pause, LONGEST_SECONDS)
                self._look_at = self._clock() + self._pause
            if self._mine:
                return None
            self.unwanted()
            if self._queue.is_over or self._is_forsaken(idle_since):
                raise StopIteration
            self._sleep(max(0.0, self._look_at - self._clock()))

    def hear(self, number: int, event: JobEvent) -> None:
        """Take in what happens to the job that was given as that number."""
        ticket = self._mine[number]
        if not isinstance(event, JobEnded):
            self._events.tell(ticket.id, event)
            return
        del self._mine[number]
        if not self._queue.has(ticket, self._worker):
            self._events.forget(ticket.id)  # somebody else does it by now
            return
        if isinstance(event.outcome, Died):
            settle_killed(self._queue, ticket, self._worker, event.outcome)
        else:
            outcome = self._to_json(event.outcome)
            self._queue.end(ticket, self._worker, {"outcome": outcome}, failed=bool(outcome["why"]))
            self.done += 1
        self._events.tell(ticket.id, event)

    def unwanted(self) -> Collection[int]:
        """The numbers of jobs that are no longer this worker's; raises `Cancelled` if the sweep is.

        Is asked every second or so, and does what is to be done that often.
        """
        if self._queue.is_marked(CANCELLED):
            raise Cancelled
        self._events.flush()
        self._lost.give_back()
        return [number for number, ticket in self._mine.items() if not self._queue.has(ticket, self._worker)]

    def give_back(self) -> None:
        """Let others do what this worker has begun."""
        for ticket, worker in self._queue.claims().items():
            if worker == self._worker:
                self._queue.give_back(ticket, worker, killed=False)

    def _claimed(self) -> Any:
        """The next job that waits; None if none does."""
        misses = 0
        for _ in range(MOST_MISSES):
            last_return = self._queue.last_return  # is asked first: what comes back meanwhile is seen next time
            if not self._seen or misses > MISSES or last_return != self._last_return:
                self._seen, misses, self._last_return = deque(self._queue.waiting()), 0, last_return
            if not self._seen:
                return None
            if self._queue.claim(ticket := self._seen.popleft(), self._worker):
                job = self._read(ticket)
                if job is not None:
                    self._mine[next(self._numbers)] = ticket
                    return job
            misses += 1
        return None

    def _read(self, ticket: Ticket) -> Any:
        """The job that has been claimed; None if it is over already, or is none."""
        if self._queue.outcome(ticket) is not None:  # of one who was thought to be gone
            self._queue.forget(ticket, self._worker)
            return None
        try:
            job = self._job_from(self._queue.read(ticket, self._worker)["job"])
            if self._is_known_by(job, ticket.key):
                return job
            why = "is not the job that its name says"
        except UNREADABLE as error:
            why = f"can't be read: {in_a_line(error)}"
        self._queue.end(ticket, self._worker, {"died": why}, failed=True)
        self._events.tell(ticket.id, JobEnded(None))
        return None

    def _is_forsaken(self, since: float) -> bool:
        """Whether there has been nothing to do for long, and the process that puts jobs is gone."""
        if self._clock() - since < PATIENCE_SECONDS:
            return False
        return not is_there(self._queue.folder / SUBMITTER, time.time) and not self._queue.claims()
