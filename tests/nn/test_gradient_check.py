"""The check of a gradient finds a wrong one, and believes a right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from article_loop import network

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.arrays import Array, Number
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.gradient_check import LayerCheck, gradient_check
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.network import Network
from nnexp.nn.optimisers.adam import Adam
from nnexp.nn.regularisers.l2 import L2

FEW = Examples(np.random.default_rng(1).random((5, 6)), np.arange(5) % 3)


def of(net: Network) -> list[LayerCheck]:
    return list(gradient_check(net, FEW, np.random.default_rng(0)))


def small(**choices: Any) -> Network:
    return network([6, 5, 4, 3], **{"init": ScaledGaussian()} | choices)


@dataclass
class WrongTanh(Tanh):
    """Its derivative is a ten-thousandth too large."""

    kind: str = "wrong"

    def derivative(self, z: Number, a: Number) -> Number:
        return 1.0001 - 1.0001 * a * a


@dataclass
class WrongL2(L2):
    """Forgets that the penalty is a half."""

    def shrink(self, eta: float, n: int) -> float:
        return 1 - 2 * eta * self.lmbda / n


@dataclass
class WrongCost(CrossEntropy):
    def delta(self, z: Number, a: Number, y: Number) -> Number:
        return a - 0.999 * y


@pytest.mark.parametrize("cost", sorted(Cost.kinds()))
@pytest.mark.parametrize("activation", sorted(Activation.kinds()))
def test_every_pair_of_activation_and_cost_is_right(activation: str, cost: str) -> None:
    rows = of(small(activation=Activation.named(activation), cost=Cost.named(cost), regulariser=L2(lmbda=0.5)))
    assert [row.right for row in rows] == [True] * 3


@pytest.mark.parametrize("engine", ["numpy", pytest.param("compiled", marks=pytest.mark.slow)])
def test_the_gradient_is_that_of_the_engine(engine: str) -> None:
    rows = of(small(engine=Engine.named(engine), regulariser=L2(lmbda=0.5)))
    assert max(row.error for row in rows) < 1e-7


def test_a_wrong_derivative_of_an_activation_is_seen_in_the_layers_before_the_outputs() -> None:
    assert [row.right for row in of(small(activation=WrongTanh()))] == [False, False, True]


def test_a_wrong_derivative_of_a_cost_is_seen_everywhere() -> None:
    assert [row.right for row in of(small(cost=WrongCost()))] == [False] * 3


def test_a_wrong_shrink_of_a_regulariser_is_seen() -> None:
    assert not any(row.right for row in of(small(regulariser=WrongL2(lmbda=0.5))))


def test_right_at_a_kink_any_slope_between_the_two_sides_is_right() -> None:
    net = small(activation=Relu())
    net.weights[0][:], net.biases[0][:] = 0, 0  # every unit is at 0
    net.biases[1][:] = 1
    first, *_ = of(net)
    assert first.right
    assert first.kinks > 0


def test_a_wrong_gradient_is_not_taken_for_a_kink() -> None:
    @dataclass
    class WrongRelu(Relu):
        def derivative(self, z: Number, a: Number) -> Number:
            return 1.01 * (a > 0)

    assert not of(small(activation=WrongRelu()))[0].right


def test_a_gradient_of_nothing_is_right() -> None:
    net = small(activation=Relu())
    for b, w in zip(net.biases[:-1], net.weights[:-1], strict=True):
        b[:], w[:] = -1, -1
    assert (of(net)[0].norm, of(net)[0].right) == (0, True)


def test_the_optimiser_has_no_part_in_it_and_the_network_stays_as_it_is() -> None:
    net = small(optimiser=Adam(), dtype="float32")
    before = net.fingerprint()
    assert all(row.right for row in of(net))
    assert (net.fingerprint(), net.steps[0]) == (before, 0)


def test_no_more_numbers_than_a_layer_has_are_compared() -> None:
    assert [row.compared for row in of(small())] == [24 + 5, 20 + 4, 12 + 3]


def test_the_norm_is_that_of_backprop() -> None:
    def norm(arrays: Sequence[Array]) -> float:
        return float(np.sqrt(sum(np.sum((array / 5) ** 2) for array in arrays)))

    net = network([6, 3], init=ScaledGaussian())
    nabla_b, nabla_w = net.backprop(FEW.x.T, np.eye(3)[FEW.y].T)
    assert of(net)[0].norm == pytest.approx(norm([nabla_b[0], nabla_w[0]]), rel=1e-10)
