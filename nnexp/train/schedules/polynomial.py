"""A learning rate that falls as a power of the epochs that are left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class Polynomial(Schedule):
    """eta, times the share of epochs that are left, to a power: a straight line to `end` with power 1.

    Source: Chen et al., DeepLab, 2018, section 4.3.1, equation 9 ("poly"); in optax `polynomial_schedule`.
    """

    kind: str = "polynomial"
    power: float = setting(1.0, help="1 falls evenly, 2 fast at first, 0.5 fast at last", rule=number(above=0))
    end: float = setting(
        0.0,
        help="what the rate would have come down to after the last epoch, as a share of eta",
        rule=number(least=0, below=1),
    )

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        left = 1 - (epoch - 1) / epochs
        return self.end + (1 - self.end) * math.pow(left, self.power)
