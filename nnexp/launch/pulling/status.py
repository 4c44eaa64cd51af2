"""How a sweep's queue stands: each of its jobs, and the workers that are there."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnexp.launch.job_events import JobProgress
from nnexp.launch.pulling.event_lines import Follower
from nnexp.launch.pulling.presence import STARTING, SUBMITTER, facts_of, is_there
from nnexp.launch.pulling.queue import CANCELLED, CLAIMED, CLOSED, ENDED, WAITING, WORKERS, Queue, Ticket
from nnexp.launch.pulling.queue_file import FILE
from nnexp.runtime.heartbeat import HOST

STATES = ("done", "running", "waiting", "failed")
SILENT_SECONDS = 30.0  # of a worker that gives a sign every five: it was stopped (Ctrl-Z, say), or its disk hangs


@dataclass(frozen=True)
class JobNow:
    """A job as it stands. name: what it is called. state: one of `STATES`. words: of its last progress."""

    ticket: Ticket
    name: str
    state: str
    worker: str = ""
    words: str = ""


@dataclass(frozen=True)
class WorkerNow:
    """A worker that is there. jobs: how many it does at once. seen: unix time of its last sign.

    starting: whether it makes itself ready still, and takes no job yet.
    """

    name: str
    host: str
    jobs: int
    seen: float
    starting: bool = False

    @property
    def silent(self) -> float:
        """For how many seconds it has given no sign, if that is longer than it ever does; else 0."""
        seconds = 0 if self.starting else time.time() - self.seen
        return seconds if seconds >= SILENT_SECONDS else 0

    @property
    def state(self) -> str:
        """What it does, as far as it gives signs."""
        working = "starting" if self.starting else "working"
        return f"no sign for {self.silent:,.0f} s" if self.silent else working


def jobs_now(queue: Queue) -> list[JobNow]:
    """Every job, in the order in which they were put; of one that was put again, the last time."""
    words = {job: event.words for job, event in _last_progress(queue).items()}
    found = {}
    for ticket, state, worker, file in _files(queue):
        found[ticket.key] = JobNow(ticket, _name(file), state, worker, words.get(ticket.id, ""))
    return sorted(found.values(), key=lambda job: job.ticket)


def counts(queue: Queue) -> Counter[str]:
    """How many jobs are in each state; without a look into their files."""
    return Counter({ticket.key: state for ticket, state, *_ in _files(queue)}.values())


def workers_now(queue: Queue) -> list[WorkerNow]:
    """The workers that are there."""
    files = sorted((queue.folder / WORKERS).glob("*.json"))
    there = [(path, facts_of(path)) for path in files if is_there(path, time.time)]
    return [
        WorkerNow(
            path.stem, str(facts.get(HOST, "")), _count(facts.get("jobs")), path.stat().st_mtime, STARTING in facts
        )
        for path, facts in there
    ]


def _count(jobs: Any) -> int:
    return jobs if isinstance(jobs, int) else 1


def in_a_word(queue: Queue, jobs: Counter[str], workers: Sequence[WorkerNow]) -> str:
    """How the sweep stands as a whole."""
    if queue.is_marked(CANCELLED):
        return "cancelled"
    if not jobs["waiting"] and not jobs["running"]:
        stays = bool(workers) and not queue.is_marked(CLOSED)  # for more jobs
        waited_for = stays or is_there(queue.folder / SUBMITTER, time.time) or jobs.total() == 0
        return "running" if waited_for else "done" if queue.first >= queue.next else "to conclude"
    if not workers:
        return "no worker"
    return "no sign" if all(worker.silent for worker in workers) else "running"


def began(queue: Queue) -> float:
    """When the last command for the sweep was given; unix time."""
    return (queue.folder / FILE).stat().st_mtime


def _files(queue: Queue) -> list[tuple[Ticket, str, str, Path]]:
    """Every job with its state, its worker and its file; those of earlier commands first."""
    ended = {ticket.id: queue.folder / ENDED / ticket.name for ticket in queue.ended()}
    found = [
        (ticket, "failed" if failed else "done", "", ended.get(ticket.id, Path()))
        for ticket, failed in queue.outcomes().items()
    ]
    for ticket, worker in queue.claims().items():
        found.append((ticket, "running", worker, queue.folder / CLAIMED / ticket.claim(worker)))
    found += [(ticket, "waiting", "", queue.folder / WAITING / ticket.name) for ticket in queue.waiting()]
    return sorted(found, key=lambda each: each[0].number)


def _name(file: Path) -> str:
    """What the job in the file is called; `?` if it has just been moved, or can't be read."""
    try:
        content: Any = json.loads(file.read_text())
        return str(content["job"]["name"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "?"


def _last_progress(queue: Queue) -> dict[str, JobProgress]:
    """The last progress that each job has told."""
    news = Follower(queue.folder / WORKERS).news()
    return {job: event for job, event in news if isinstance(event, JobProgress)}
