"""Launching a sweep's jobs: a folder for each, one display of all, and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nnexp.errors import SweepLeft, in_one_line
from nnexp.launch.display import Display, Tally, display
from nnexp.launch.job_events import Died
from nnexp.launch.launchers.base import Launcher, Work
from nnexp.launch.preload import modules
from nnexp.launch.pulling.leaving import leave_or_cancel
from nnexp.runner.job import Job, Place, worker
from nnexp.runner.job_text import job_to_json, key_of, outcome_from_json
from nnexp.runner.result import Outcome
from nnexp.runtime import owned_files
from nnexp.runtime.signals import Interrupted, Interrupts


@dataclass(frozen=True)
class Places:
    """Where a sweep writes. folder: of all its jobs. place: where one of them does; number: counted in that folder."""

    folder: Path
    place: Callable[[int, Job], Place]


def work_of(name: str, typed: Sequence[str]) -> Work:
    """What there is to know of a sweep's jobs. name: of the folder of its workers. typed: the words of the command."""
    return Work(worker, name, tuple(typed), key_of=key_of, to_json=job_to_json, outcome_from=outcome_from_json)


def launched(
    jobs: Sequence[Job],
    work: Work,
    launcher: Launcher,
    at_once: int,
    places: Places,
    warm_up: Callable[[], None],
    shown: Display = display,
) -> list[Outcome]:
    """The outcome of each job; in the order of the jobs.

    work: what there is to know of them, see `work_of`. at_once: how many of them run at the same time. warm_up: what
    the first of them would have to do, see `Launcher`. shown: how they stand, while they are done.
    """
    with workplace(work.name, places, launcher, modules_of(jobs), warm_up) as first:
        placed = [(job, places.place(number, job)) for number, job in enumerate(jobs, first)]
        with shown(Tally([job.name for job in jobs], failure)) as show:
            outcomes = launcher.run(work, placed, min(at_once, len(jobs)), show)
    return [
        Outcome(job.varying, "failed", why=(f"job {number} {outcome.how}",)) if isinstance(outcome, Died) else outcome
        for number, (job, outcome) in enumerate(zip(jobs, outcomes, strict=True), first)
    ]


@contextmanager
def workplace(
    sweep: str, places: Places, launcher: Launcher, needed: Sequence[str], warm_up: Callable[[], None]
) -> Iterator[int]:
    """The folder for jobs, taken, and the launcher made ready; gives the number of the first job.

    sweep: its name. needed: modules that jobs import. Raises `SweepLeft` after a signal, if jobs go on elsewhere.
    """
    folder = places.folder.resolve()
    try:
        with owned_files.taken(folder, owned_files.SWEEP):
            with Interrupts():  # a signal that a library swallows, while it is imported, starts no job
                launcher.prepare(needed, warm_up)  # before a display starts a thread
            try:
                yield _first_free(folder)
            except Interrupted as interrupt:
                if launcher.elsewhere:
                    leave_or_cancel(sweep, interrupt)
                raise
    except SweepLeft:
        owned_files.take(folder, owned_files.SWEEP)  # its jobs write into it
        raise
    finally:
        owned_files.forget_empty(folder, Path("outputs").absolute())


def modules_of(jobs: Sequence[Job]) -> list[str]:
    """The modules that these jobs import."""
    engines, pictures = {job.config.engine.kind for job in jobs}, any(job.config.pictures for job in jobs)
    return modules(jobs[0].config.tracking.kind, engines, pictures)


def failure(outcome: Outcome | Died) -> str:
    """Why a job failed; nothing if it did not."""
    return outcome.how if isinstance(outcome, Died) else "; ".join(map(in_one_line, outcome.why))


def _first_free(folder: Path) -> int:
    """The number of the first job: an earlier command's jobs may have folders here, which are called after numbers."""
    numbers = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    return 1 + max(numbers, default=-1)
