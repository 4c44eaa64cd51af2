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

    scaled: whether a unit's weights are the smaller, the more of them there are.
    """

    group = "init"
    scaled: ClassVar[bool] = False

    @abstractmethod
    def spread(self, n_in: int) -> float:
        """The standard deviation of the weights of a unit with `n_in` inputs."""

    def draw(
        self, sizes: Sequence[int], rng: np.random.Generator, dtype: np.dtype[np.floating]
    ) -> tuple[list[Array], list[Array]]:
        """Biases `(y, 1)` and weights `(y, x)` for each pair of layers of x and y units.

        All numbers are drawn in float64, in the article's order (all biases, then all weights), and
        then rounded: a seed means the same network in either dtype. Biases are N(0, 1).
        """
        biases = [rng.standard_normal((y, 1)) for y in sizes[1:]]
        weights = [rng.standard_normal((y, x)) * self.spread(x) for x, y in pairwise(sizes)]
        return [b.astype(dtype) for b in biases], [w.astype(dtype) for w in weights]
