"""What a pulling worker tells of its jobs: lines behind each other in a file of its own, read as they come."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nnexp.launch.job_events import JobEnded, JobEvent, JobPrinted, JobProgress
from nnexp.printable import counted

ENDING = ".events"
PROGRESS_SECONDS = 1.0  # between two lines of one job's progress: epochs may take a millisecond
MOST_PRINTED = 100_000  # characters of what a job prints: one that prints without end fills no disk


class EventFile:
    """Where a worker writes what happens to its jobs. worker: what it is called.

    Of a job's progress it writes the first and the last, and one a second at most; `flush` writes what has waited. Of
    what a job prints it writes the beginning, and at the job's end how much more there was.
    """

    def __init__(self, folder: Path, worker: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / f"{worker}{ENDING}"
        self._clock = clock
        self._written: dict[str, float] = {}  # when the progress of a job was written last
        self._held: dict[str, JobProgress] = {}  # what has been told since
        self._printed: Counter[str] = Counter()  # characters, by job, the ends of lines among them
        self._left_out: Counter[str] = Counter()  # characters that were not written

    def tell(self, job: str, event: JobEvent) -> None:
        """Take in what happens to the job that is called so in the queue."""
        if isinstance(event, JobProgress):
            self._held[job] = event
            self.flush(job)
            return
        events: list[JobEvent] = [self._held.pop(job)] if job in self._held else []
        if isinstance(event, JobPrinted):
            events += self._within_bounds(job, event.line)
        else:
            if more := self._left_out[job]:
                events.append(JobPrinted(f"(left out of what it printed: {counted(more, 'more character')})"))
            events.append(event)
        if events:
            self._write([_line(job, each) for each in events])
        if isinstance(event, JobEnded):
            self.forget(job)

    def _within_bounds(self, job: str, line: str) -> list[JobPrinted]:
        """As much of the line as may be written, if any of it."""
        left = max(0, MOST_PRINTED - self._printed[job])
        self._printed[job] += len(line) + 1
        self._left_out[job] += len(line[left:])
        return [JobPrinted(line[:left])] if left else []

    def forget(self, job: str) -> None:
        """Write nothing more of the job's progress."""
        self._held.pop(job, None)
        self._written.pop(job, None)
        self._printed.pop(job, None)
        self._left_out.pop(job, None)

    def flush(self, *jobs: str) -> None:
        """Write the progress of these jobs, or of all, whose last line is a second old."""
        now = self._clock()
        due = [
            job
            for job in jobs or self._held
            if job not in self._written or now - self._written[job] >= PROGRESS_SECONDS
        ]
        if due:
            self._write([_line(job, self._held.pop(job)) for job in due])
            self._written |= dict.fromkeys(due, now)

    def _write(self, lines: Sequence[bytes]) -> None:
        with self._path.open("ab") as file:  # is seen by other machines when it is closed
            file.write(b"".join(lines))


def _line(job: str, event: JobEvent) -> bytes:
    told: dict[str, Any] = {"job": job}
    match event:
        case JobProgress(done=done, steps=steps, words=words):
            told |= {"done": done, "steps": steps, "words": words}
        case JobPrinted(line=printed):
            told |= {"printed": printed}
    return json.dumps(told).encode() + b"\n"


class Follower:
    """Reads what is new in the files of all workers of a queue. folder: that they are in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}  # bytes of each file

    def news(self) -> Iterator[tuple[str, JobEvent | None]]:
        """What has been told since the last time, and of which job; None: it is over, and has an outcome."""
        for path in sorted(self._folder.glob(f"*{ENDING}")):
            before = self._read.get(path.name, 0)
            if path.stat().st_size == before:
                continue
            with path.open("rb") as file:
                file.seek(before)
                whole, _, _ = file.read().rpartition(b"\n")
            if whole:
                self._read[path.name] = before + len(whole) + 1
                yield from (event for line in whole.split(b"\n") if (event := _event(line)))


def _event(line: bytes) -> tuple[str, JobEvent | None] | None:
    """What a line tells, and of which job; None for a line that is none."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match told:
        case {"job": str(job), "done": int(done), "steps": int(steps), "words": str(words)}:
            return job, JobProgress(done, steps, words)
        case {"job": str(job), "printed": str(printed)}:
            return job, JobPrinted(printed)
        case {"job": str(job), **others} if not others:
            return job, None
    return None
