"""What a pulling worker tells of its jobs: lines behind each other in a file of its own, read as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnexp.launch.job_events import JobEvent, JobPrinted, JobProgress

ENDING = ".events"


class EventFile:
    """Where a worker writes what happens to its jobs. worker: what it is called."""

    def __init__(self, folder: Path, worker: str) -> None:
        self._path = folder / f"{worker}{ENDING}"

    def tell(self, job: str, event: JobEvent) -> None:
        """Add a line. job: what the job is called in the queue."""
        line: dict[str, Any] = {"job": job}
        match event:
            case JobProgress(done=done, steps=steps, words=words):
                line |= {"done": done, "steps": steps, "words": words}
            case JobPrinted(line=printed):
                line |= {"printed": printed}
        with self._path.open("ab") as file:  # is seen by other machines when it is closed
            file.write(json.dumps(line).encode() + b"\n")


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
