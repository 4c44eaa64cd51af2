"""A learning rate that falls in steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting, whole
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class Step(Schedule):
    """eta, multiplied by `factor` after every `every` epochs.

    Source: Nielsen, chapter 3, "How to choose a neural network's hyper-parameters?", on learning rate schedules.
    """

    kind: str = "step"
    every: int = setting(10, help="epochs between two steps", rule=whole(1))
    factor: float = setting(0.5, help="what the learning rate is multiplied by", rule=number(above=0, below=1))

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        return self.factor ** ((epoch - 1) // self.every)
