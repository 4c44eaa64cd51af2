"""A learning rate that falls along half a wave of the cosine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class Cosine(Schedule):
    """From eta to `end` along half a cosine: slowly, then fast, then slowly.

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017, equation 5, without
    restarts; in optax `cosine_decay_schedule`.
    """

    kind: str = "cosine"
    end: float = setting(
        0.0,
        help="what the rate would have come down to after the last epoch, as a share of eta",
        rule=number(least=0, below=1),
    )

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        return self.end + (1 - self.end) * (1 + math.cos(math.pi * (epoch - 1) / epochs)) / 2
