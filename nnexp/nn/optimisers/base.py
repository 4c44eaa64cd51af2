"""Optimisers: how a gradient moves a network's weights."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component
from nnexp.nn.arrays import Array, Number


@dataclass
class Optimiser(Component):
    """Moves weights and biases, number by number.

    keeps: names of what it remembers of each weight and each bias from step to step; 0 at first.
    """

    group = "optimiser"
    keeps: ClassVar[tuple[str, ...]] = ()

    @property
    def gain(self) -> float:
        """How many times `eta g` the steps become where g stays the same."""
        return 1.0

    def numbers(self, t: Array) -> tuple[Array, ...]:
        """What a step reads that depends on its place alone: for the steps t, counted from 1, `(n,)` arrays."""
        return ()

    @abstractmethod
    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        """The new w, and the new value of each that it keeps: a formula on numbers (see `nnexp.nn.formula`).

        w: a weight or a bias. g: the mean over the mini-batch of dC/dw. eta: the step size. shrink: what a
        regulariser multiplies w by in a step of plain gradient descent; 1 if nothing. others: what it keeps, as named
        in `keeps`, and then the step's `numbers`.

        Where g comes in once, as `x - eta * g` or `number * x - eta * g` with x = w or one that it keeps, BLAS does
        that while it computes g, and a pass over the weights for each operation is saved (see `nnexp.nn.descent`).
        """
