"""What a job tells, while it works, to the process that has launched it; to nobody if it works on its own."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from nnexp.train.events import EpochDone, Event, Listener, Started
from nnexp.train.progress import in_words


@dataclass(frozen=True)
class Report:
    """A job has done so many of its steps (epochs, say).

    words: how it stands, such as `test 97.12 %`. name: what it is called.
    """

    done: int
    steps: int
    words: str = ""
    name: str = ""


Tell = Callable[[Report], None]

TELL: ContextVar[Tell | None] = ContextVar("TELL", default=None)
"""How to tell; None where nobody listens."""


class Reporting:
    """A listener that reports each epoch of a run to whoever launched it, if anybody; the run's log has them too."""

    def __init__(self, name: str, lines: Listener) -> None:
        self._name = name
        self._lines = lines
        self._tell = TELL.get()
        self._epochs = 0

    def __call__(self, event: Event) -> None:
        self._lines(event)
        match event:
            case Started(epochs=epochs, past=past):
                self._epochs = epochs
                self._report(past[-1].epoch if past else 0, "")
            case EpochDone(epoch=epoch):
                self._report(epoch, in_words(event))

    def _report(self, epoch: int, words: str) -> None:
        if self._tell:
            self._tell(Report(epoch, self._epochs, words, self._name))
