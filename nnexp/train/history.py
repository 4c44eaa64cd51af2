"""What a run has measured so far, epoch by epoch."""

from __future__ import annotations

from nnexp.formats import percent
from nnexp.printable import counted
from nnexp.train.events import EpochDone, Event, Started
from nnexp.train.ranking import best_of


class History:
    """A listener that keeps every epoch; `epochs[0]` is the untrained network."""

    def __init__(self) -> None:
        self.epochs: list[EpochDone] = []

    def __call__(self, event: Event) -> None:
        match event:
            case Started(past=past):
                self.epochs.extend(past)
            case EpochDone():
                self.epochs.append(event)

    def __repr__(self) -> str:
        if not self.epochs:
            return "History(no epochs)"
        chosen, epochs = self.chosen, counted(self.epochs[-1].epoch, "epoch")
        best = percent(chosen.metrics["validation_accuracy"])
        return f"History({epochs}, best validation {best} in epoch {chosen.epoch})"

    def curve(self, metric: str) -> tuple[list[int], list[float]]:
        """Epochs that have the metric, and its values."""
        having = [event for event in self.epochs if metric in event.metrics]
        return [event.epoch for event in having], [event.metrics[metric] for event in having]

    @property
    def chosen(self) -> EpochDone:
        """The epoch that validation has chosen: the first with the best validation accuracy."""
        return best_of(self.epochs)
