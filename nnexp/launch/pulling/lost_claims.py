"""Jobs whose worker is gone: they are given back, and one that has taken workers with it before is a failed job."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from nnexp.launch.job_events import Died
from nnexp.launch.pulling.presence import clock_of, is_there
from nnexp.launch.pulling.queue import MOST_KILLS, WORKERS, Queue, Ticket

LOOK_SECONDS = 3.0


class LostClaims:
    """Looks every few seconds whether the workers are there that have a job. own: a file of this process's there."""

    def __init__(self, queue: Queue, own: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._queue, self._own, self._clock = queue, own, clock
        self._next = clock()

    def give_back(self) -> None:
        """Settle what workers have that are gone; does nothing if it has just been looked."""
        if self._clock() < self._next:
            return
        claims = self._queue.claims()
        gone = {worker for worker in set(claims.values()) if not self._is_there(worker)}
        for ticket, worker in claims.items():
            if worker in gone:
                settle_killed(self._queue, ticket, worker, Died("took the worker with it, or was lost with it"))
        self._next = self._clock() + LOOK_SECONDS

    def _is_there(self, worker: str) -> bool:
        path = self._queue.folder / WORKERS / f"{worker}.json"
        return path == self._own or is_there(path, clock_of(self._own))


def settle_killed(queue: Queue, ticket: Ticket, worker: str, died: Died) -> None:
    """Let others do a job that has ended with its worker; unless it has an outcome, or was given enough workers."""
    if queue.outcome(ticket) is not None:
        queue.forget(ticket, worker)
    elif ticket.kills + 1 < MOST_KILLS:
        queue.give_back(ticket, worker, killed=True)
    elif queue.has(ticket, worker):
        queue.end(ticket, worker, {"died": died.how}, failed=True)
