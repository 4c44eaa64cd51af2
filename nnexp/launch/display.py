"""One display of all jobs: a bar for the whole sweep on a terminal, a line for each job that ends everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from nnexp.launch.job_events import JobEnded, JobEvent, JobPrinted, JobProgress, OnEvent
from nnexp.printable import counted, visible
from nnexp.runtime.terminal import console


class Told(Protocol):
    """What is known of jobs, from what is heard of them. share: of all work that is done, 0 to 1."""

    share: float

    def hear(self, number: int, event: JobEvent) -> str:
        """Take in an event; gives a line to show, or nothing."""

    def in_words(self) -> str:
        """How it stands, in a line."""

    def is_success(self, event: JobEvent) -> bool:
        """Whether the event is the good end of a job."""


Display = Callable[[Told], AbstractContextManager[OnEvent]]
"""Shows how jobs stand while a block lasts; gives what is to be told of their events."""


@contextmanager
def display(tally: Told, screen: Console | None = None) -> Iterator[OnEvent]:
    """What to tell of the jobs' events while the block lasts."""
    screen = screen or console(wraps=False)
    with _bar(screen) as bar:
        task = bar.add_task(tally.in_words(), total=1.0)

        def show(number: int, event: JobEvent) -> None:
            line = tally.hear(number, event)
            bar.update(task, completed=tally.share, description=tally.in_words())
            if line and not (screen.is_terminal and tally.is_success(event)):
                screen.print(visible(line), markup=False)

        yield show


def _bar(screen: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=screen, disable=not screen.is_terminal, redirect_stdout=False)


class Tally:
    """How far the jobs of a sweep are, each counted alike.

    names: of the jobs. failure: says why an outcome is none, nothing if it is one.
    """

    def __init__(self, names: Sequence[str], failure: Callable[[Any], str]) -> None:
        self._names = list(names)
        self._failure = failure
        self._progress: dict[int, JobProgress] = {}
        self._done: set[int] = set()
        self._failed = 0
        self.share = 0.0

    def hear(self, number: int, event: JobEvent) -> str:
        """Take in an event; gives a line to show, or nothing."""
        line = ""
        match event:
            case JobProgress():
                self._progress[number] = event
            case JobPrinted(line=printed):
                line = f"[{self._names[number]}] {printed}"
            case JobEnded():
                self._done.add(number)
                self._failed += not self.is_success(event)
                line = f"{len(self._done)}/{len(self._names)}  {self._names[number]}  {self._ending(number, event)}"
        under_way = [progress for other, progress in self._progress.items() if other not in self._done]
        work = len(self._done) + sum(progress.done / max(1, progress.steps) for progress in under_way)
        self.share = work / len(self._names)
        return line

    def in_words(self) -> str:
        """`3 of 16 jobs, 1 failed, 104 epochs`."""
        failed = f", {self._failed} failed" if self._failed else ""
        epochs = sum(progress.done for progress in self._progress.values())
        done = f"{len(self._done)} of {counted(len(self._names), 'job')}{failed}"
        return f"{done}, {counted(epochs, 'epoch')}" if epochs else done

    def is_success(self, event: JobEvent) -> bool:
        """Whether the event is the good end of a job."""
        return isinstance(event, JobEnded) and not self._failure(event.outcome)

    def _ending(self, number: int, event: JobEnded) -> str:
        if why := self._failure(event.outcome):
            return f"failed: {why}"
        return self._progress[number].words if number in self._progress else "done"
