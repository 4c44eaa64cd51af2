"""What training asks of the settings of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nnexp.data.augmentations.base import Augmentation
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


class StoppingRule(Protocol):
    """What `Stopping` says: any of its parts, or another that asks further."""

    @property
    def restore_best(self) -> bool:
        """Whether the run ends with the weights of its best epoch."""

    def reason(self, history: Sequence[EpochDone]) -> str:
        """Why no further epoch is to follow; empty to go on."""


class TrainingSettings(Protocol):
    """Any object that has these: a configuration, for one.

    epochs: how many there are to be, at most. mini_batch_size: examples per step. eta: step size per unit of mean
    gradient. seed: of the order of examples, and of what dropout and augmentation draw. monitor: kinds of monitors.
    dropout: a rate of the hidden layers, or one of each layer that feeds another.
    """

    epochs: int
    mini_batch_size: int
    eta: float
    seed: int
    augment: Augmentation
    schedule: Schedule
    monitor: list[str]
    dropout: float | list[float]

    @property
    def stopping(self) -> StoppingRule:
        """When it ends before that."""
