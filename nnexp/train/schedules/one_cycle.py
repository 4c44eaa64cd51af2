"""A learning rate that rises and then falls, once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class OneCycle(Schedule):
    """Up to eta and down again, both along half a cosine; eta can be larger than a constant one could.

    Source: Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2018;
    shares and shape are those of optax `cosine_onecycle_schedule` and PyTorch `OneCycleLR`. Momentum stays as it is.
    """

    kind: str = "one_cycle"
    rise: float = setting(0.3, help="share of the epochs in which the rate rises", rule=number(above=0, below=1))
    start: float = setting(0.04, help="rate of the first epoch, as a share of eta", rule=number(above=0, below=1))
    end: float = setting(
        4e-6,
        help="what the rate would have come down to after the last epoch, as a share of eta",
        rule=number(least=0, below=1),
    )

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        done = (epoch - 1) / epochs
        if done < self.rise:
            return _cosine(self.start, 1, done / self.rise)
        return _cosine(1, self.end, (done - self.rise) / (1 - self.rise))

    def conflicts(self) -> list[str]:
        if not self.warm_up:
            return []
        return [f"schedule.warm_up: got {self.warm_up}, but one_cycle begins with a rise of its own: schedule.rise"]


def _cosine(begin: float, end: float, done: float) -> float:
    """From `begin`, with nothing done, to `end`, with all done."""
    return end + (begin - end) * (1 + math.cos(math.pi * done)) / 2
