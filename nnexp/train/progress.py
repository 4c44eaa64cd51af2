"""Progress: a bar over epochs on a terminal, one plain line an epoch everywhere else."""

from __future__ import annotations

import logging
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nnexp.train.events import Ended, EpochDone, Event, Listener, Started

log = logging.getLogger(__name__)


def progress() -> Listener:
    """The bar where standard output is a terminal, else lines."""
    return Bar() if sys.stdout and sys.stdout.isatty() else lines()


def lines() -> Listener:
    """A line an epoch, wherever output goes."""
    return Lines(logging.INFO)


class Lines:
    """Logs each epoch in a line."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._epochs = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self._epochs = event.epochs
        elif isinstance(event, EpochDone):
            log.log(self._level, "epoch %*d/%d  %s", len(str(self._epochs)), event.epoch, self._epochs, in_words(event))


class Bar:
    """Draws a bar over the epochs; the lines go to the run's log all the same."""

    def __init__(self, console: Console | None = None) -> None:
        self._lines = Lines(logging.DEBUG)
        self._progress = Progress(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=console,
        )

    def __call__(self, event: Event) -> None:
        self._lines(event)
        match event:
            case Started(epochs=epochs, past=past):
                self._task = self._progress.add_task("", total=epochs, completed=past[-1].epoch if past else 0)
                self._progress.start()
            case EpochDone(epoch=epoch):
                self._progress.update(self._task, completed=epoch, description=in_words(event))
            case Ended():
                self._progress.stop()


def in_words(event: EpochDone) -> str:
    """`test 97.12 %  validation 97.30 %  cost 0.0123  0.31 s`."""
    metrics = event.metrics
    words = f"test {metrics['test_accuracy']:.2%}  validation {metrics['validation_accuracy']:.2%}".replace("%", " %")
    if event.epoch:
        words += f"  cost {metrics['train_cost']:.4f}  {metrics['epoch_seconds']:.2f} s"
    return words
