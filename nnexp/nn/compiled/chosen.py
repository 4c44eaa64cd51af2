"""The rules of a network's parts: found once in a process for the same choice, for tracing formulas takes its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from nnexp.component import Component
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.compiled.loop import GRADIENT, Product
from nnexp.nn.compiled.rules import Rule, rule, summed
from nnexp.nn.costs.base import Cost
from nnexp.nn.descent import split
from nnexp.nn.engines.base import Trained
from nnexp.nn.formula import traced
from nnexp.nn.update import FIRST, Update
from nnexp.nn.workspace import error_of


class Rules(NamedTuple):
    """What the loop computes with. product: what a step of the weights begins with. constants: one row for each."""

    product: Product
    addresses: Array
    constants: Array


def rules(network: Trained, eta: float, n: int) -> Rules:
    """The rules for n training examples; their constants are a copy, which the loop may write into."""
    activation, cost, update = network.activation, network.cost, network.update
    parts = (activation, cost, update.optimiser, update.regulariser, update.average)
    found = _rules(
        _Choice(tuple(map(_said, parts)), eta, n, len(network.sizes) - 2, network.dtype, activation, cost, update)
    )
    return found._replace(constants=found.constants.copy())


def _said(part: Component) -> tuple[type, str]:
    return type(part), repr(part)


@dataclass(frozen=True)
class _Choice:
    """What the rules depend on; parts are told apart by class and settings. hidden: how many layers are."""

    said: tuple[tuple[type, str], ...]
    eta: float
    n: int
    hidden: int
    dtype: np.dtype[Any]
    activation: Activation = field(compare=False)
    cost: Cost = field(compare=False)
    update: Update = field(compare=False)


@lru_cache(maxsize=32)
def _rules(choice: _Choice) -> Rules:
    product, found = _traced(choice)
    constants = np.zeros((len(found), max(len(each.constants) for each in found)), choice.dtype)
    for row, each in zip(constants, found, strict=True):
        row[: len(each.constants)] = each.constants
    return Rules(product, np.array([each.address(choice.dtype) for each in found]), constants)


def _traced(choice: _Choice) -> tuple[Product, list[Rule]]:
    """What a step of the weights begins with, and the rules in the order of the loop's constants."""
    cost, update = choice.cost, choice.update
    hidden = choice.activation.of_layers(choice.hidden)
    numbers = len(update.numbers(FIRST))
    target, beta, factor, rest = split(update.of_weights(choice.eta, choice.n))
    outs = [0, *range(2, 2 + len(update.keeps))]
    number = choice.dtype.type
    return Product(target, number(beta), number(factor)), [
        rule(traced(cost.outputs.value, 1), [1]),
        summed(traced(cost.value, 3)),
        rule(traced(cost.delta, 3), [2]),
        rule(rest, outs, numbers, GRADIENT),
        rule(update.of_biases(choice.eta), outs, numbers, GRADIENT),
        *(rule(traced(each.value, 1), [1]) for each in hidden),
        *(rule(traced(error_of(each), 3), [2]) for each in hidden),
    ]
