"""The same learning rate in every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule


@dataclass
class Constant(Schedule):
    """eta, as it is: the article's."""

    kind: str = "constant"
    changes: ClassVar[bool] = False

    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        return 1.0
