"""Gradients against numbers worked on paper, finite differences, and the article's loop over examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from article_loop import (
    COSTS,
    article_sum,
    assert_close,
    assert_same_network,
    drawn_pairs,
    network,
    parameters,
)

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.examples import as_examples
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.network import Network

# A 2-2-1 network worked on paper.
#
# Weights are chosen so that every activation is a simple fraction: sigmoid(ln 3) = 3/4, sigmoid(-ln 3) = 1/4.
#
#   x = (1, 2)                            y = 1
#   z1 = 1/2 * 1 - 1/4 * 2 + ln 3 = ln 3          a1 = 3/4    a1 (1 - a1) = 3/16
#   z2 = -1 * 1 + 1 * 2 - 1 = 0                   a2 = 1/2    a2 (1 - a2) = 1/4
#   z = 2 * 3/4 - 1 * 1/2 - 1 - ln 3 = -ln 3      a = 1/4     a (1 - a) = 3/16
#
#                       quadratic                             cross entropy
#   C                   (1 - 1/4)^2 / 2 = 9/32                -ln(1/4) = ln 4
#   delta               (1/4 - 1) * 3/16 = -9/64              1/4 - 1 = -3/4
#   nabla_w, output     -9/64 * (3/4, 1/2) = (-27/256, -9/128)  (-9/16, -3/8)
#   delta1              2 * -9/64 * 3/16 = -27/512            2 * -3/4 * 3/16 = -9/32
#   delta2              -1 * -9/64 * 1/4 = 9/256              -1 * -3/4 * 1/4 = 3/16
#   nabla_w, hidden     delta * (1, 2)

X, Y = np.array([[1.0], [2.0]]), np.array([[1.0]])


def paper_network(cost: Cost) -> Network:
    net = network([2, 2, 1], cost=cost)
    net.weights = [np.array([[1 / 2, -1 / 4], [-1.0, 1.0]]), np.array([[2.0, -1.0]])]
    net.biases = [np.array([[math.log(3)], [-1.0]]), np.array([[-1 - math.log(3)]])]
    return net


def test_the_output_is_the_one_worked_on_paper() -> None:
    np.testing.assert_allclose(paper_network(Quadratic()).feedforward(X), [[1 / 4]], rtol=1e-14)


def test_the_quadratic_gradient_is_the_one_worked_on_paper() -> None:
    nabla_b, nabla_w = paper_network(Quadratic()).backprop(X, Y)
    assert_close(nabla_b, [[[-27 / 512], [9 / 256]], [[-9 / 64]]], 1e-15)
    assert_close(nabla_w, [[[-27 / 512, -27 / 256], [9 / 256, 9 / 128]], [[-27 / 256, -9 / 128]]], 1e-15)


def test_the_cross_entropy_gradient_is_the_one_worked_on_paper() -> None:
    nabla_b, nabla_w = paper_network(CrossEntropy()).backprop(X, Y)
    assert_close(nabla_b, [[[-9 / 32], [3 / 16]], [[-3 / 4]]], 1e-15)
    assert_close(nabla_w, [[[-9 / 32, -9 / 16], [3 / 16, 3 / 8]], [[-9 / 16, -3 / 8]]], 1e-15)


@pytest.mark.parametrize(("cost", "expected"), [(Quadratic(), 9 / 32), (CrossEntropy(), math.log(4))])
def test_the_cost_is_the_one_worked_on_paper(cost: Cost, expected: float) -> None:
    got = paper_network(cost).train_epoch(as_examples([(X, Y)]), np.arange(1), 1, eta=1.0)
    assert got == pytest.approx(expected, rel=1e-14)


def test_a_step_is_the_one_worked_on_paper() -> None:
    net = paper_network(Quadratic())
    net.update_mini_batch([(X, Y)], eta=2.0)  # against two times the gradient
    hidden = [[1 / 2 + 27 / 256, -1 / 4 + 27 / 128], [-1 - 9 / 128, 1 - 9 / 64]]
    assert_close(net.weights, [hidden, [[2 + 27 / 128, -1 + 9 / 64]]])
    assert_close(net.biases, [[[math.log(3) + 27 / 256], [-1 - 9 / 128]], [[-1 - math.log(3) + 9 / 32]]])


def test_a_step_goes_along_the_mean_gradient_of_the_mini_batch() -> None:
    net = paper_network(Quadratic())
    net.update_mini_batch([(X, Y)] * 3, eta=2.0)
    np.testing.assert_allclose(net.weights[1], [[2 + 27 / 128, -1 + 9 / 64]], rtol=1e-14)


# Finite differences.


@pytest.mark.parametrize("sizes", [[3, 2], [3, 4, 2], [4, 5, 3, 2]])
@pytest.mark.parametrize("activation", Activation.kinds())
@pytest.mark.parametrize("cost", list(COSTS))
def test_the_gradient_is_that_of_finite_differences(cost: str, activation: str, sizes: list[int]) -> None:
    choices = {"cost": Cost.named(cost), "activation": Activation.named(activation)}
    net = network(sizes, init=ScaledGaussian(), **choices)  # saturated outputs would cost the closed form its digits
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((sizes[0], 3)), rng.random((sizes[-1], 3))
    y /= y.sum(axis=0)  # distributions, which the log-likelihood needs
    nabla_b, nabla_w = net.backprop(x, y)
    for array, gradient in zip(parameters(net), [*nabla_b, *nabla_w], strict=True):
        np.testing.assert_allclose(gradient, finite_differences(net, array, x, y), rtol=1e-6, atol=1e-8)


def finite_differences(net: Network, array: Array, x: Array, y: Array, h: float = 1e-6) -> Array:
    """How the cost, from its closed form, changes with each number in the array."""
    gradient = np.empty_like(array)
    for i, value in np.ndenumerate(array):
        costs = []
        for changed in (value + h, value - h):
            array[i] = changed
            costs.append(COSTS[net.cost.kind](net.feedforward(x), y))
        array[i] = value
        gradient[i] = (costs[0] - costs[1]) / (2 * h)
    return gradient


# The article's loop.


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
@pytest.mark.parametrize("sizes", [[3, 2], [5, 4, 3], [5, 4, 4, 3], [2, 2, 2, 2, 2, 2]])
def test_the_gradient_of_many_columns_is_the_sum_of_the_articles_gradients(sizes: list[int], cost: Cost) -> None:
    net, pairs = network(sizes, cost=cost), drawn_pairs(sizes, 7)
    nabla_b, nabla_w = net.backprop(np.hstack([x for x, _ in pairs]), np.hstack([y for _, y in pairs]))
    expected_b, expected_w, _ = article_sum(net, pairs)
    assert_close(nabla_b, expected_b)
    assert_close(nabla_w, expected_w)


def test_the_gradient_leaves_the_network_as_it_was() -> None:
    net = network([3, 4, 2])
    net.backprop(np.ones((3, 5)), np.ones((2, 5)))
    assert_same_network(net, network([3, 4, 2]), 0)


@pytest.mark.parametrize(("cost", "expected"), [(Quadratic(), -0.25), (CrossEntropy(), -4 / 3)])
def test_cost_derivative_is_that_of_the_cost(cost: Cost, expected: float) -> None:
    # a = 3/4, y = 1: a - y; and (a - y) / (a (1 - a)) = -1/4 / (3/16)
    got = network([2, 1], cost=cost).cost_derivative(np.array([[0.75]]), np.array([[1.0]]))
    np.testing.assert_allclose(got, [[expected]], rtol=1e-14)
