"""Engines: what does a network's arithmetic where much of it is done."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from nnexp.component import Component
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.dropout import Dropout
from nnexp.nn.examples import Examples
from nnexp.nn.standardisation import Standardisation
from nnexp.nn.update import Update


class Trained(Protocol):
    """What an engine reads and writes of a network: weights `(y, x)` and biases `(y, 1)`, C-ordered, in place."""

    sizes: list[int]
    weights: list[Array]
    biases: list[Array]
    activation: Activation
    cost: Cost
    dtype: np.dtype[Any]
    standardise: Standardisation  # what is done with all inputs first
    steps: Array  # `(1,)`, how many were made

    @property
    def update(self) -> Update:
        """What moves its weights."""

    def kept(self, name: str, layer: int) -> list[Array]:
        """What is kept of a layer's "weights" or "biases", in the order of `update.keeps`; layer: from 1."""


@dataclass
class Engine(Component):
    """Trains networks and computes what they give; all engines do the same steps, and differ in the last digits."""

    group = "engine"
    arithmetic: ClassVar[int] = 1  # part of a run's key: raise it with every change of an engine that changes numbers

    @abstractmethod
    def train(self, network: Trained, examples: Examples, order: Array, m: int, eta: float, dropout: Dropout) -> float:
        """One step for each mini-batch of m of `examples[order]`; the last one may be smaller.

        dropout: gives the factors of the examples in their order. Gives the sum of the costs, each counted just before
        the step it was part of. Raises `FloatingPointError` as soon as a weighted input of the output units is not
        finite any more.
        """

    @abstractmethod
    def outputs(self, network: Trained, examples: Examples) -> Array:
        """The outputs `(n, n_out)` for n examples, one per row."""
