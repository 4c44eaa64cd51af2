"""A worker that pulls the jobs of a sweep from its folder, with processes of its own, until none is left."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from nnexp.data.cache import read_for_all
from nnexp.launch.fork_server import start
from nnexp.launch.preload import ASKING
from nnexp.launch.pulling.presence import STARTING, announced, present
from nnexp.launch.pulling.queue import WORKERS, Queue
from nnexp.launch.pulling.queue_file import check_versions, read
from nnexp.launch.pulling.worker import LONGEST_SECONDS, UNREADABLE, WATCH_SECONDS, Cancelled, Pulling
from nnexp.launch.workers import FORKED, Watch, run_all
from nnexp.printable import counted
from nnexp.runner.job import Job, worker
from nnexp.runner.job_text import is_known_by, job_from_json, outcome_to_json
from nnexp.runtime.signals import Interrupts
from nnexp.sweeps.concluding import conclude_if_last
from nnexp.sweeps.job_outcomes import modules_of
from nnexp.sweeps.warm_up import warm_up

EXAMPLES = 32  # jobs that are looked at to know what they need


def pull(folder: Path, processes: int, say: Callable[[str], None]) -> None:
    """Do jobs of the sweep in this folder, so many at once, until none is left.

    say: is told lines for a person. Raises `UsageError` for a folder that is none, or that another version has made,
    and `Interrupted` after Ctrl-C or SIGTERM: what was under way is stored by then, and given back.
    """
    queue = Queue(folder.resolve())
    found = read(queue)
    check_versions(found, "this worker")
    os.chdir(found.folder)
    name = uuid.uuid4().hex[:8]
    pulling = Pulling(queue, name, job_from_json, outcome_to_json, is_known_by=is_known_by)
    say(f"worker {name} takes jobs from {queue.folder.name}, {processes} at once")
    file, facts = queue.folder / WORKERS / f"{name}.json", {"jobs": processes}
    with Interrupts():
        with announced(file, {**facts, STARTING: True}):  # no thread yet: processes are forked from this one
            _make_ready(queue, lambda: os.utime(file))
        with present(file, facts), _given_back(pulling):
            try:
                run_all(
                    partial(worker, of_files=True),
                    pulling,
                    processes,
                    pulling.hear,
                    FORKED,
                    Watch(WATCH_SECONDS, pulling.unwanted),
                )
            except Cancelled:
                say("the sweep was cancelled")
                return
        say(f"no job is left; {counted(pulling.done, 'job')} done here")
        conclude_if_last(queue, found, say)


@contextmanager
def _given_back(pulling: Pulling) -> Iterator[None]:
    """Whatever ends the block, no job stays with this worker."""
    try:
        yield
    finally:
        pulling.give_back()


def _make_ready(queue: Queue, waits: Callable[[], None]) -> None:
    """Wait for the first jobs, and have imported and made what they need, for all processes."""
    jobs = _first_jobs(queue, waits)
    if not jobs:
        return
    modules = modules_of(jobs) + (ASKING if any(job.question for job in jobs) else [])
    start(modules, lambda: _warm_up(jobs))


def _warm_up(jobs: list[Job]) -> None:
    warm_up(jobs, read_for_all([job.config.data for job in jobs]), jobs[0].config.tracking.open())


def _first_jobs(queue: Queue, waits: Callable[[], None]) -> list[Job]:
    """Some of the jobs that wait, as soon as any do; none if none will. waits: is called before each further look."""
    while not queue.is_over:
        jobs = []
        for ticket in queue.waiting()[:EXAMPLES]:
            try:
                jobs.append(job_from_json(queue.read(ticket)["job"])[0])
            except UNREADABLE:
                continue  # another worker was faster, or it is none: who claims it tells
        if jobs:
            return jobs
        waits()
        time.sleep(LONGEST_SECONDS)
    return []
