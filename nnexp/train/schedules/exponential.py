"""A learning rate that falls by the same share in every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class Exponential(Schedule):
    """eta, multiplied by `factor` after every epoch.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.3.1, on rates that decrease; in optax
    `exponential_decay`, in PyTorch `ExponentialLR`.
    """

    kind: str = "exponential"
    factor: float = setting(0.95, help="what the learning rate is multiplied by", rule=number(above=0, below=1))

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        return self.factor ** (epoch - 1)
