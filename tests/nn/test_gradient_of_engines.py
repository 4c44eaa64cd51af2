"""A step of each engine against finite differences of the cost with its penalty, for all parts that there are."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from article_loop import parameters

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.log_likelihood import LogLikelihood
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.dropout import Dropout
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.regularisers.base import Regulariser

RNG = np.random.default_rng(1)
EXAMPLES = Examples(RNG.standard_normal((6, 5)), np.array([0, 1, 2, 2, 1, 0]))
N, H = len(EXAMPLES), 1e-5
COSTS = [*(part() for part in Cost.kinds().values()), CrossEntropy(smoothing=0.1), LogLikelihood(smoothing=0.1)]
ACTIVATIONS = [*(part() for part in Activation.kinds().values()), Activation.named("elu", alpha=0.5)]
PAIRS = list(product(COSTS, ACTIVATIONS))


def network(cost: Cost, activation: Activation, regulariser: str = "none", engine: str = "numpy") -> Network:
    parts = {"regulariser": Regulariser.named(regulariser), "engine": Engine.named(engine)}
    return Network([5, 4, 3], cost=cost, activation=activation, dtype="float64", rng=0, **parts)  # type: ignore[arg-type]


def total(network: Network) -> float:
    """The mean cost of the examples, from what the output units are fed by hand, and the penalty."""
    (w, v), (b, c) = network.weights, network.biases
    z = np.asarray(network.activation.value(EXAMPLES.x @ w.T + b.T)) @ v.T + c.T
    return network.cost.total(z, EXAMPLES.targets(3)) / N + network.regulariser.penalty(network.weights, N)


def differences(network: Network) -> list[Array]:
    """How the total changes with each number, by central differences."""
    found = [np.empty_like(array) for array in parameters(network)]
    for array, gradient in zip(parameters(network), found, strict=True):
        for i, value in np.ndenumerate(array):
            totals = []
            for array[i] in (value + H, value - H):
                totals.append(total(network))  # each of another network
            array[i] = value
            gradient[i] = (totals[0] - totals[1]) / (2 * H)
    return found


def assert_gradient(network: Network) -> None:
    """A step of the size 1e-3 of plain descent is that times the gradient."""
    eta, before = 1e-3, [array.copy() for array in parameters(network)]
    expected, cost = differences(network), total(network)
    network.engine.train(network, EXAMPLES, np.arange(N), N, eta, Dropout(network.sizes))
    for array, old, gradient in zip(parameters(network), before, expected, strict=True):
        np.testing.assert_allclose((old - array) / eta, gradient, rtol=1e-6, atol=1e-8)
    assert total(network) <= cost


@pytest.mark.parametrize(("cost", "activation"), PAIRS, ids=repr)
def test_a_step_of_numpy_follows_the_gradient_of_each_pair(cost: Cost, activation: Activation) -> None:
    assert_gradient(network(cost, activation))


@pytest.mark.slow  # each formula is compiled
@pytest.mark.parametrize(("cost", "activation"), PAIRS, ids=repr)
def test_a_compiled_step_follows_the_gradient_of_each_pair(cost: Cost, activation: Activation) -> None:
    assert_gradient(network(cost, activation, engine="compiled"))


def test_a_compiled_step_of_a_smoothed_cost_follows_the_gradient() -> None:
    assert_gradient(network(LogLikelihood(smoothing=0.1), Activation.named("sigmoid"), engine="compiled"))


@pytest.mark.parametrize("cost", COSTS, ids=repr)
@pytest.mark.parametrize("regulariser", Regulariser.kinds())
def test_a_step_follows_the_gradient_with_each_penalty(regulariser: str, cost: Cost) -> None:
    assert_gradient(network(cost, Activation.named("tanh"), regulariser))


@pytest.mark.slow
@pytest.mark.parametrize("regulariser", Regulariser.kinds())
def test_a_compiled_step_follows_the_gradient_with_each_penalty(regulariser: str) -> None:
    assert_gradient(network(Quadratic(), Activation.named("tanh"), regulariser, "compiled"))
