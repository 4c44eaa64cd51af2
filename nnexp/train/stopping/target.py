"""Stop when validation accuracy is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import Rule, setting
from nnexp.formats import percent
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY
from nnexp.train.stopping.base import Stopping

SHARE = Rule("a share of the validation examples, > 0 and <= 1, such as 0.97", lambda value: 0 < value <= 1)


@dataclass
class Target(Stopping):
    """Stop after the first epoch whose validation accuracy is at least `accuracy`."""

    kind: str = "target"
    accuracy: float = setting(0.97, help="validation accuracy that is enough, 0.97 for 97 %", rule=SHARE)

    def reason(self, history: Sequence[EpochDone]) -> str:
        last = history[-1]
        if (found := last.metrics[CHOSEN_BY]) < self.accuracy:
            return ""
        return f"validation accuracy is {percent(found)}, {percent(self.accuracy)} was to be reached"
