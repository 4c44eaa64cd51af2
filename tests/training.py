"""Settings of a training, and training that is cut short and goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nnexp.data.augmentations.base import Augmentation
from nnexp.data.augmentations.none import NoAugmentation
from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import Ended, EpochDone, Event, Listener, Started
from nnexp.train.ranking import best_of
from nnexp.train.schedules.base import Schedule
from nnexp.train.schedules.constant import Constant
from nnexp.train.snapshots import Snapshots
from nnexp.train.stopping.base import Stopping
from nnexp.train.stopping.never import Never
from nnexp.train.trainer import train


@dataclass
class Steps:
    """What the trainer asks of settings, and no more."""

    epochs: int = 3
    mini_batch_size: int = 10
    eta: float = 3.0
    seed: int = 0
    augment: Augmentation = field(default_factory=NoAugmentation)
    schedule: Schedule = field(default_factory=Constant)
    stopping: Stopping = field(default_factory=Never)
    monitor: list[str] = field(default_factory=list)
    dropout: float | list[float] = 0


def few_digits(n: int = 300) -> Dataset:
    """The first training examples of the digits, with all that is held back."""
    whole = Digits().load()
    return replace(whole, train=Examples(whole.train.x[:n], whole.train.y[:n], whole.train.scale))


def measured(*validation: float) -> list[EpochDone]:
    """A history of epochs with these accuracies, the untrained network first."""
    return [EpochDone(epoch, {"validation_accuracy": accuracy}) for epoch, accuracy in enumerate(validation)]


def checkpointed(
    folder: Path,
    network: Network,
    dataset: Dataset,
    settings: Steps,
    *,
    killed_after: int | None = None,
    snapshots: Snapshots | None = None,
) -> list[EpochDone]:
    """Train with a checkpoint each epoch, going on from the one that is there; gives all epochs so far.

    killed_after: the epoch after whose checkpoint the process is gone.
    """
    best = Best(settings.stopping.restore_best)
    checkpoints = Checkpoints(folder, "a key", best, 0, snapshots=snapshots, stopping=settings.stopping)
    past = checkpoints.restore(network)
    listeners: Sequence[Listener] = [best, *([snapshots] if snapshots else []), checkpoints]
    epochs = list(past)
    for listener in listeners:
        listener(Started(network, dataset, settings.epochs, past))
    for event in train(network, dataset, settings, past):
        epochs.append(event)
        for listener in listeners:
            listener(event)
        if event.epoch == killed_after:
            return epochs
    kept = best_of(epochs) if settings.stopping.restore_best else epochs[-1]
    for listener in listeners:
        listener(Ended("FINISHED", epoch=kept.epoch))
    return epochs


class Ear:
    """A listener that keeps what it hears, and raises where it is told to."""

    def __init__(self, *raise_at: type) -> None:
        self.heard: list[type] = []
        self.raise_at = raise_at

    def __call__(self, event: Event) -> None:
        self.heard.append(type(event))
        if type(event) in self.raise_at:
            raise OSError("disk full")
