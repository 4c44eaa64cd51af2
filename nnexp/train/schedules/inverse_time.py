"""A learning rate that falls ever more slowly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class InverseTime(Schedule):
    """eta / (1 + decay (epoch - 1)): half of it after 1 / decay epochs, a third after 2 / decay.

    Its rates add up without end and their squares do not, which is what Robbins and Monro, A Stochastic Approximation
    Method, 1951, ask for to arrive. Source: Bottou, Stochastic Gradient Descent Tricks, 2012, section 5.2.
    """

    kind: str = "inverse_time"
    decay: float = setting(0.1, help="how fast the learning rate falls, per epoch", rule=number(above=0))

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        return 1 / (1 + self.decay * (epoch - 1))
