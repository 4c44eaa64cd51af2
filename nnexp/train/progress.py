"""Progress: a bar over epochs on a terminal, one plain line an epoch everywhere else."""

from __future__ import annotations

import logging
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column

from nnexp.formats import percent
from nnexp.runtime.terminal import console
from nnexp.train.events import Ended, EpochDone, Event, Listener, Started
from nnexp.train.monitors.training_accuracy import TrainingAccuracy

log = logging.getLogger(__name__)

ACCURACIES = {"test": "test_accuracy", "validation": "validation_accuracy", "training": TrainingAccuracy.metric}


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

    def __init__(self, screen: Console | None = None) -> None:
        self._lines = Lines(logging.DEBUG)
        self._progress = Progress(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(bar_width=None, table_column=Column(ratio=1)),  # what the words leave, on 80 columns too
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=screen or console(),
            expand=True,
        )

    def __call__(self, event: Event) -> None:
        self._lines(event)
        match event:
            case Started(epochs=epochs, past=past):
                self._task = self._progress.add_task("", total=epochs, completed=past[-1].epoch if past else 0)
                self._progress.start()
            case EpochDone(epoch=epoch):
                self._progress.update(self._task, completed=epoch, description=accuracies(event))
            case Ended():
                self._progress.stop()


def in_words(event: EpochDone) -> str:
    """`test 97.12 %  validation 97.30 %  cost 0.0123  0.31 s`; with `training 98.01 %` where that is monitored."""
    of_training = "  cost {train_cost:.4f}  {epoch_seconds:.2f} s".format_map(event.metrics) if event.epoch else ""
    return accuracies(event) + of_training


def accuracies(event: EpochDone) -> str:
    """`test 97.12 %  validation 97.30 %`."""
    metrics = event.metrics
    return "  ".join(f"{data} {percent(metrics[name])}" for data, name in ACCURACIES.items() if name in metrics)
