"""What moves weights: an optimiser's step, what a regulariser does in it and after it, and an average that rides along.

All of it is one formula for weights and one for biases, for every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnexp.nn.arrays import Array, Number
from nnexp.nn.averages.base import Average
from nnexp.nn.formula import Formula, traced
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser

LATEST = "latest"  # what is kept beside weights that are an average; while training they change places
FIRST = np.ones(1)  # a step, to ask how many numbers it reads


@dataclass(frozen=True)
class Update:
    """A network's update rule, as formulas of w, g, what is kept, and the step's numbers.

    g is the mean over the mini-batch of dC/dw. They give the new w, and the new value of each that is kept.
    """

    optimiser: Optimiser
    regulariser: Regulariser
    average: Average

    @property
    def averages(self) -> bool:
        """Whether an average of the weights after each step is among what is kept: the last of it."""
        return self.average.each == "step"

    @property
    def keeps(self) -> tuple[str, ...]:
        """Names of what is kept of each weight and each bias from step to step."""
        return (*self.optimiser.keeps, LATEST) if self.averages else self.optimiser.keeps

    def numbers(self, t: Array) -> tuple[Array, ...]:
        """What a step reads that depends on its place alone: for the steps t, counted from 1, `(n,)` arrays."""
        numbers = self.optimiser.numbers(t)
        return (*numbers, self.average.share(t)) if self.averages else numbers

    def of_weights(self, eta: float, n: int) -> Formula:
        """The formula for weights. eta: the step size. n: the number of training examples."""
        regulariser = self.regulariser
        shrink = regulariser.shrink(eta, n)
        return self._formula(eta, shrink, lambda w: regulariser.slope(w, n), regulariser.bounded)

    def of_biases(self, eta: float) -> Formula:
        """The formula for biases, which no regulariser minds."""
        return self._formula(eta, 1.0, lambda b: 0.0, lambda b: b)

    def _formula(
        self, eta: float, shrink: float, slope: Callable[[Number], Number], bounded: Callable[[Number], Number]
    ) -> Formula:
        at = len(self.optimiser.keeps)

        def step(w: Number, g: Number, *others: Number) -> tuple[Number, ...]:
            of_optimiser = (*others[:at], *others[at + 1 : -1]) if self.averages else others
            w, *kept = self.optimiser.step(w, g + slope(w), eta, shrink, *of_optimiser)
            w = bounded(w)
            if self.averages:
                average, share = others[at], others[-1]
                kept.append((1 - share) * average + share * w)
            return w, *kept

        return traced(step, 2 + len(self.keeps) + len(self.numbers(FIRST)))
