"""What happens to a job: what it tells while it works, to the process that has launched it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from nnexp.train.events import EpochDone, Event, Listener, Started
from nnexp.train.progress import in_words


@dataclass(frozen=True)
class JobProgress:
    """A job has done so many of its steps (epochs, say). words: how it stands, such as `test 97.12 %`."""

    done: int
    steps: int
    words: str = ""


@dataclass(frozen=True)
class JobPrinted:
    """A job has printed a line."""

    line: str


@dataclass(frozen=True)
class JobEnded:
    """A job has ended. outcome: what it returned, or `Died`."""

    outcome: Any


@dataclass(frozen=True)
class Died:
    """The outcome of a job that took its process with it. how: `was killed by SIGKILL`, `left with exit code 3`."""

    how: str


JobEvent = JobProgress | JobPrinted | JobEnded
OnEvent = Callable[[int, JobEvent], None]

TELL: ContextVar[Callable[[JobProgress], None] | None] = ContextVar("TELL", default=None)
"""How a job tells its progress; None where nobody listens."""


class EpochsTold:
    """A listener that tells each epoch of a run to whoever launched it, if anybody; the run's log has them too."""

    def __init__(self, lines: Listener) -> None:
        self._lines = lines
        self._tell = TELL.get()
        self._epochs = 0

    def __call__(self, event: Event) -> None:
        self._lines(event)
        match event:
            case Started(epochs=epochs, past=past):
                self._epochs = epochs
                self._progress(past[-1].epoch if past else 0, "")
            case EpochDone(epoch=epoch):
                self._progress(epoch, in_words(event))

    def _progress(self, epoch: int, words: str) -> None:
        if self._tell:
            self._tell(JobProgress(epoch, self._epochs, words))
