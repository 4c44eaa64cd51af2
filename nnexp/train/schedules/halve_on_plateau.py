"""A learning rate that is halved when validation accuracy no longer improves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import setting, whole
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY
from nnexp.train.schedules.base import Schedule


@dataclass
class HalveOnPlateau(Schedule):
    """eta, halved each time that `epochs` epochs have passed without a better validation accuracy.

    After a halving as many epochs may pass anew; `stopping=small_rate` ends the run at 1/128. Source: Nielsen,
    chapter 3, "How to choose a neural network's hyper-parameters?", on learning rate schedules, and the problem there.
    """

    kind: str = "halve_on_plateau"
    epochs: int = setting(10, help="how many epochs may pass without a better validation accuracy", rule=whole(1))

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        halvings, best, waited = 0, -1.0, 0
        for accuracy in (each.metrics[CHOSEN_BY] for each in history):
            waited = 0 if accuracy > best else waited + 1
            best = max(best, accuracy)
            if waited == self.epochs:
                halvings, waited = halvings + 1, 0
        return 0.5**halvings
