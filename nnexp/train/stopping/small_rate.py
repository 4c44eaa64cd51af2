"""Stop when the learning rate has become small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.stopping.base import Stopping


@dataclass
class SmallRate(Stopping):
    """Stop after the first epoch whose learning rate was at most `share` of the highest so far.

    It goes with a schedule that lowers the rate, such as `halve_on_plateau`; a constant one never gets there.
    Source: Nielsen, chapter 3, "How to choose a neural network's hyper-parameters?", the problem on terminating when
    the learning rate has dropped to 1/128.
    """

    kind: str = "small_rate"
    share: float = setting(
        1 / 128, help="how small is small: 0.0078125 is 1/128, seven halvings", rule=number(above=0, below=1)
    )

    def reason(self, history: Sequence[EpochDone]) -> str:
        rates = [each.metrics["learning_rate"] for each in history if "learning_rate" in each.metrics]
        if not rates or rates[-1] > self.share * max(rates):
            return ""
        return f"the learning rate is {rates[-1]:.3g}, {rates[-1] / max(rates):.3g} of the highest, {max(rates):.3g}"
