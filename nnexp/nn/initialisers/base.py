"""Initialisers: where weights and biases start."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from nnexp.component import Component
from nnexp.nn.arrays import Array


@dataclass
class Initialiser(Component):
    """Draws the first biases, then the first weights, of every layer after the input.

    scaled: whether a unit's weights are the smaller, the more of them there are. draws_biases: whether biases are
    N(0, 1), as the article's are; else they are 0. scratch: how many more numbers, for each weight of a layer, there
    are in memory while it is drawn.
    """

    group = "init"
    scaled: ClassVar[bool] = False
    draws_biases: ClassVar[bool] = False
    scratch: ClassVar[int] = 0

    @abstractmethod
    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        """The weights `(n_out, n_in)`, float64, of a layer of n_out units with n_in inputs each."""

    def draw(
        self, sizes: Sequence[int], rng: np.random.Generator, dtype: np.dtype[np.floating]
    ) -> tuple[list[Array], list[Array]]:
        """Biases `(y, 1)` and weights `(y, x)` for each pair of layers of x and y units.

        All numbers are drawn in float64, in the article's order (all biases, then all weights), and
        then rounded: a seed means the same network in either dtype.
        """
        biases = [rng.standard_normal((y, 1)) if self.draws_biases else np.zeros((y, 1)) for y in sizes[1:]]
        weights = [self.weights(y, x, rng) for x, y in pairwise(sizes)]
        return [b.astype(dtype) for b in biases], [w.astype(dtype, order="C") for w in weights]
