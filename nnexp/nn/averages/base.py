"""Averages: of the weights on training's way, for it wanders around where it should end."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from nnexp.component import Component
from nnexp.nn.arrays import Array


@dataclass
class Average(Component):
    """Weights and biases that follow those which training goes on with: a' = (1 - share) a + share w.

    They are what is evaluated, stored and served. each: what w is taken after; empty for no average.
    """

    group = "average"
    each: ClassVar[Literal["", "step", "epoch"]] = ""

    def too_late(self, epochs: int) -> list[str]:
        """What is wrong with its settings for so many epochs, a line each."""
        return []

    @abstractmethod
    def share(self, t: Array) -> Array:
        """How much of the average w becomes, above 0 and at most 1, after the steps or epochs t, counted from 1.

        The first is 1, so that it does not matter what a was.
        """
