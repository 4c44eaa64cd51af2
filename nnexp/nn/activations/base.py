"""Activations: a unit's rule and its derivative, side by side.

Both are formulas on numbers (see `nnexp.nn.formula`): operators and numpy's ufuncs, element by element. So they
hold for numbers and for arrays, and the network makes of them what it needs to run fast.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from nnexp.component import Component, Rule, setting
from nnexp.nn.arrays import Array, Number
from nnexp.printable import counted


def _are_kinds(names: Any) -> bool:
    return isinstance(names, list) and all(name in Activation.kinds() for name in names)


def _kinds() -> str:
    return f"a list of any of {', '.join(Activation.kinds())}: [tanh,relu]"


@dataclass
class Activation(Component):
    """What the hidden units do with their weighted input.

    bounded: whether f stays between two numbers, however large z is.
    """

    group = "activation"
    bounded: ClassVar[bool] = False
    layers: list[str] = setting(
        [],
        help="of the hidden layers one by one, where they differ: 'activation.layers=[tanh,relu]'; those of the chosen "
        "kind have its settings, others their defaults",
        rule=Rule(_kinds, _are_kinds),
        since=[],
    )

    def of_layers(self, hidden: int) -> list[Activation]:
        """The activation of each of so many hidden layers; `ValueError` if `layers` says it of another number."""
        if not self.layers:
            return [self] * hidden
        if len(self.layers) != hidden:
            expected = f"{counted(hidden, 'activation')}, one for each hidden layer"
            raise ValueError(f"activation.layers: got {self.layers}, expected {expected}")
        kinds = {kind: self if kind == self.kind else Activation.named(kind) for kind in self.layers}
        return [kinds[kind] for kind in self.layers]

    @abstractmethod
    def value(self, z: Number) -> Number:
        """f(z)."""

    @abstractmethod
    def derivative(self, z: Number, a: Number) -> Number:
        """f'(z), where a = f(z). Only if the formula reads z does the network keep it: use a where that is enough."""

    @abstractmethod
    def saturated(self, a: Array) -> Array:
        """Where a unit with the activation a = f(z) is so far out that it can hardly learn: booleans, shaped as a."""
