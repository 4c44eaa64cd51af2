"""Watching a sweep that others do: the display that its own command would show."""

from __future__ import annotations

import time
from typing import Any

from nnexp.launch.display import Tally, display
from nnexp.launch.job_events import Died, JobEnded
from nnexp.launch.pulling.event_lines import Follower
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, WORKERS, Queue
from nnexp.launch.pulling.status import jobs_now

LOOK_SECONDS = 0.3
SCAN_EVERY = 10  # looks, between two looks for outcomes that no event has told


def follow(queue: Queue) -> None:
    """Show what happens until no job is left, or the sweep is cancelled."""
    while not _followed(queue):  # a search puts further jobs
        time.sleep(LOOK_SECONDS)


def _followed(queue: Queue) -> bool:
    """Show the jobs that there are until all are over; whether no more will come."""
    jobs = jobs_now(queue)
    numbers = {job.ticket.id: number for number, job in enumerate(jobs)}
    follower, looks = Follower(queue.folder / WORKERS), 0
    with display(Tally([job.name for job in jobs], _failure)) as show:
        while numbers and not queue.is_marked(CANCELLED):
            over = set()
            for name, event in follower.news():
                if event is None:
                    over.add(name)
                elif name in numbers:
                    show(numbers[name], event)
            if looks % SCAN_EVERY == 0:
                over |= {ticket.id for ticket in queue.outcomes()}
            for job in jobs:
                if job.ticket.id in over & numbers.keys() and (told := queue.outcome(job.ticket)) is not None:
                    show(numbers.pop(job.ticket.id), JobEnded(told))
            looks += 1
            if numbers:
                time.sleep(LOOK_SECONDS)
    return queue.is_marked(CANCELLED) or queue.is_marked(CLOSED)


def _failure(told: Any) -> str:
    """Why a job failed; nothing if it did not. told: its outcome, as JSON values."""
    match told:
        case {"died": how}:
            return Died(how).how
        case {"outcome": {"why": [*why]}}:
            return "; ".join(map(str, why))
    return ""
