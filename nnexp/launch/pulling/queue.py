"""A sweep's folder, from which workers on any machine take its jobs: each job is a file in the folder of its state.

    queue.json   what made it, and by which command
    waiting/     jobs that nobody does
    claimed/     jobs that a worker does, which the file's name tells
    ended/       jobs that are over
    done/        their outcomes
    workers/     a file for each worker, and one of what happens to its jobs

A job's file goes from one to the next by a rename, which one process alone succeeds at. Nothing in here is deleted but
marks: `closed` says that no more jobs will come, `cancelled` that none is to be begun, `concluding` that a worker has
gone on to the sweep's end, `concluded` up to which number that is reached: what is below is of an earlier command;
`returned` is the last job that was given back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nnexp.runtime import owned_files

WAITING, CLAIMED, ENDED, DONE, WORKERS = FOLDERS = ("waiting", "claimed", "ended", "done", "workers")
CLOSED, CANCELLED, CONCLUDING, CONCLUDED, RETURNED = "closed", "cancelled", "concluding", "concluded", "returned"
NAME = re.compile(r"([0-9]{6,12})-([0-9a-z]+)-([0-9]{1,6})(?:\.([0-9a-f]+))?\.json")
OUTCOME = re.compile(r"([0-9]{6,12})-([0-9a-z]+)\.(done|failed)\.json")
MOST_KILLS = 2  # of workers, by one job


@dataclass(frozen=True, order=True)
class Ticket:
    """What a job's file is called after. number: jobs go by it. kills: how many workers the job has killed."""

    number: int
    key: str
    kills: int = 0

    @property
    def id(self) -> str:
        """What the job is called in this queue, however often it has been begun."""
        return f"{self.number:06}-{self.key}"

    @property
    def name(self) -> str:
        return f"{self.id}-{self.kills}.json"

    def claim(self, worker: str) -> str:
        """The name of its file while this worker has it."""
        return f"{self.id}-{self.kills}.{worker}.json"


class Queue:
    """The jobs in such a folder, which is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make the folders in it that are not there."""
        owned_files.take(self.folder, owned_files.SWEEP)
        for name in FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)

    def waiting(self) -> list[Ticket]:
        """Jobs that nobody does, in their order."""
        return sorted(ticket for ticket, _ in self._tickets(WAITING))

    def claims(self) -> dict[Ticket, str]:
        """Jobs that workers do, and who does each."""
        return dict(self._tickets(CLAIMED))

    def ended(self) -> list[Ticket]:
        """Jobs that are over, of earlier commands too."""
        return sorted(ticket for ticket, _ in self._tickets(ENDED))

    def outcomes(self) -> dict[Ticket, bool]:
        """Jobs that have an outcome, of earlier commands too, and whether each has failed."""
        found = (OUTCOME.fullmatch(path.name) for path in (self.folder / DONE).iterdir())
        return {Ticket(int(each[1]), each[2]): each[3] == "failed" for each in found if each}

    def put(self, ticket: Ticket, job: Any) -> None:
        """Add a job, as JSON values."""
        owned_files.write(self.folder / WAITING / ticket.name, json.dumps(job))

    def read(self, ticket: Ticket, worker: str = "") -> Any:
        """A job that waits, or that the worker has; `OSError` if it does no more, `ValueError` if it is no JSON."""
        path = self._claim(ticket, worker) if worker else self.folder / WAITING / ticket.name
        return json.loads(path.read_text())

    def claim(self, ticket: Ticket, worker: str) -> bool:
        """Take a waiting job for the worker; whether nobody else was faster."""
        return self._moved(self.folder / WAITING / ticket.name, self._claim(ticket, worker))

    def has(self, ticket: Ticket, worker: str) -> bool:
        """Whether the worker has the job."""
        return self._claim(ticket, worker).exists()

    def give_back(self, ticket: Ticket, worker: str, killed: bool) -> bool:
        """Let others do the worker's job. killed: it took the worker with it. Whether it was the worker's still."""
        free = replace(ticket, kills=ticket.kills + killed)
        moved = self._moved(self._claim(ticket, worker), self.folder / WAITING / free.name)
        if moved:
            with suppress(OSError):  # of a full disk: it is given back all the same
                self.mark(RETURNED, free.name)
        return moved

    @property
    def last_return(self) -> int:
        """Changes whenever a job has been given back: one that comes before those that were seen to wait."""
        try:
            return (self.folder / RETURNED).stat().st_mtime_ns
        except OSError:  # none has been
            return 0

    def end(self, ticket: Ticket, worker: str, outcome: Any, failed: bool) -> None:
        """Remember the outcome, as JSON values, of the worker's job, which is over."""
        name = f"{ticket.id}.{'failed' if failed else 'done'}.json"
        owned_files.write(self.folder / DONE / name, json.dumps(outcome))
        self.forget(ticket, worker)

    def forget(self, ticket: Ticket, worker: str) -> None:
        """Say of a job which has an outcome that it is over."""
        self._moved(self._claim(ticket, worker), self.folder / ENDED / ticket.name)

    def drop(self, ticket: Ticket) -> None:
        """Say of a waiting job that nobody is to do it."""
        self._moved(self.folder / WAITING / ticket.name, self.folder / ENDED / ticket.name)

    def outcome(self, ticket: Ticket) -> Any:
        """The outcome of a job, as JSON values; None if it has none yet. One that can't be read is `died`, with why."""
        for end in ("done", "failed"):
            path = self.folder / DONE / f"{ticket.id}.{end}.json"
            if path.exists():
                return _told(path)
        return None

    def mark(self, name: str, text: str = "") -> None:
        """Put one of the marks."""
        owned_files.write(self.folder / name, text)

    def unmark(self, *names: str) -> None:
        """Take marks away, where they are."""
        owned_files.discard(self.folder, owned_files.SWEEP, "|".join(names))

    def is_marked(self, name: str) -> bool:
        return (self.folder / name).exists()

    @property
    def first(self) -> int:
        """The first number that is not of an earlier command, which has reached its end."""
        path = self.folder / CONCLUDED
        try:
            return 1 + int(path.read_text())
        except (OSError, ValueError):  # there is none, or it says nothing: what was to be concluded is so again
            return 0

    @property
    def next(self) -> int:
        """The first number that no job has."""
        tickets = [*self.waiting(), *self.claims(), *self.ended(), *self.outcomes()]
        return 1 + max((ticket.number for ticket in tickets), default=-1)

    def conclude(self) -> None:
        """Say that all jobs so far are of a command that has reached its end."""
        self.mark(CONCLUDED, str(self.next - 1))

    def is_first_to_conclude(self) -> bool:
        """Whether no other process has asked this before, of those that nobody waits for."""
        try:
            (self.folder / CONCLUDING).open("x").close()
        except FileExistsError:
            return False
        return True

    @property
    def is_over(self) -> bool:
        """Whether no job waits or is being done, and no more will come."""
        return self.is_marked(CLOSED) and not self.claims() and not self.waiting()  # in this order: one may come back

    def _claim(self, ticket: Ticket, worker: str) -> Path:
        return self.folder / CLAIMED / ticket.claim(worker)

    def _tickets(self, state: str) -> Iterator[tuple[Ticket, str]]:
        for path in (self.folder / state).iterdir():
            if found := NAME.fullmatch(path.name):
                ticket, worker = Ticket(int(found[1]), found[2], int(found[3])), found[4] or ""
                if path.name == (ticket.claim(worker) if worker else ticket.name):  # else it is not found by it
                    yield ticket, worker

    def _moved(self, source: Path, target: Path) -> bool:
        """Rename a file; whether it was there, and could be."""
        try:
            source.rename(target)
        except OSError:
            return False
        return True


def _told(path: Path) -> Any:
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        told = None
    match told:
        case {"died": str()} | {"outcome": _}:
            return told
    return {"died": f"has an outcome that can't be read: {path.name}"}
