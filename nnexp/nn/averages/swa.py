"""Stochastic weight averaging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from nnexp.component import setting, whole
from nnexp.nn.arrays import Array
from nnexp.nn.averages.base import Average
from nnexp.printable import counted


@dataclass
class Swa(Average):
    """The mean of the weights at the ends of epochs, from `start` on; before that, the weights.

    Source: Izmailov, Podoprikhin, Garipov, Vetrov, Wilson, Averaging weights leads to wider optima and better
    generalization, 2018, algorithm 1.
    """

    start: int = setting(20, help="the first epoch whose weights are part of the mean", rule=whole(1))
    kind: str = "swa"
    each: ClassVar[Literal["epoch"]] = "epoch"

    def too_late(self, epochs: int) -> list[str]:
        late = isinstance(self.start, int) and self.start > epochs
        return [f"average.start: got {self.start}, expected {counted(epochs, 'epoch')} at most"] if late else []

    def share(self, t: Array) -> Array:
        return np.asarray(1 / np.maximum(1, t - self.start + 1))
