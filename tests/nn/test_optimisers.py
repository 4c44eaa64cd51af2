"""Optimisers: steps worked by hand, as formulas and in a network."""

from __future__ import annotations

import numpy as np
import pytest

from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.momentum import Momentum
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.l2 import L2

HALF = Momentum(momentum=0.5)
NESTEROV = Momentum(momentum=0.5, nesterov=True)


def test_a_step_of_sgd_goes_down_the_gradient() -> None:
    assert Sgd().step(2.0, 4.0, 0.25, 1.0) == (1.0,)  # 2 - 0.25 * 4


def test_a_step_of_sgd_shrinks_the_weight_first() -> None:
    assert Sgd().step(2.0, 4.0, 0.25, 0.75) == (0.5,)  # 0.75 * 2 - 0.25 * 4


def test_two_steps_of_momentum_are_those_worked_by_hand() -> None:
    # v = 0.5 * 0 - 0.25 * 4 = -1, w = 2 - 1 = 1; v = 0.5 * -1 - 0.25 * 2 = -1, w = 1 - 1 = 0
    w, v = HALF.step(2.0, 4.0, 0.25, 1.0, 0.0)
    assert (w, v) == (1.0, -1.0)
    assert HALF.step(w, 2.0, 0.25, 1.0, v) == (0.0, -1.0)


def test_two_steps_of_nesterov_are_those_worked_by_hand() -> None:
    # v = -1 as above, w = 2 + 0.5 * -1 - 0.25 * 4 = 0.5; v = 0.5 * -1 - 0.25 * 2 = -1, w = 0.5 + 0.5 * -1 - 0.25 * 2
    w, v = NESTEROV.step(2.0, 4.0, 0.25, 1.0, 0.0)
    assert (w, v) == (0.5, -1.0)
    assert NESTEROV.step(w, 2.0, 0.25, 1.0, v) == (-0.5, -1.0)


def test_nesterov_is_sutskevers_step_seen_from_where_the_velocity_leads() -> None:
    # Sutskever: v' = m v - eta f'(t + m v), t' = t + v'; of f = w^2 / 2, whose gradient at w is w
    w, v = 1.0, 0.0
    theta, velocity = 1.0, 0.0
    for _ in range(10):
        w, v = NESTEROV.step(w, w, 0.25, 1.0, v)
        velocity = 0.5 * velocity - 0.25 * (theta + 0.5 * velocity)
        theta += velocity
    assert w == pytest.approx(theta + 0.5 * velocity, rel=1e-14)


def test_a_penalty_goes_into_the_velocity() -> None:
    # shrink = 0.75: v = 0.5 * 0 - 0.25 * 4 - (1 - 0.75) * 2 = -1.5
    assert HALF.step(2.0, 4.0, 0.25, 0.75, 0.0) == (0.5, -1.5)
    assert NESTEROV.step(2.0, 4.0, 0.25, 0.75, 0.0) == (-0.25, -1.5)  # 2 + 0.5 * -1.5 - 0.25 * 4 - 0.25 * 2


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("l2", [False, True])
def test_momentum_comes_to_rest_where_the_gradient_of_the_whole_cost_is_0(nesterov: bool, l2: bool) -> None:
    # the cost (w - 1)^2 / 2 + decay w^2 / 2 is lowest at w = 1 / (1 + decay)
    optimiser, decay, w, v = Momentum(momentum=0.9, nesterov=nesterov), 0.5 if l2 else 0.0, 5.0, 0.0
    for _ in range(2000):
        w, v = optimiser.step(w, w - 1, 0.1, 1 - 0.1 * decay, v)
    assert w == pytest.approx(1 / (1 + decay), rel=1e-12)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"momentum": 1.0}, "optimiser.momentum: got 1.0, expected a number >= 0 and < 1"),
        ({"momentum": -0.1}, "optimiser.momentum: got -0.1, expected a number >= 0 and < 1"),
        ({"nesterov": "yes"}, "optimiser.nesterov: got 'yes', expected true or false"),
        ({"eta": 1}, r"optimiser.eta: momentum has no such setting, expected \['momentum', 'nesterov'\]"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Optimiser.named("momentum", **settings)


# In a network: each step against the gradient that backprop gives.


def network(optimiser: Optimiser, dtype: str = "float64", lmbda: float = 0.0) -> Network:
    regulariser = L2(lmbda=lmbda) if lmbda else None
    return Network([3, 4, 2], cost=CrossEntropy(), optimiser=optimiser, regulariser=regulariser, dtype=dtype, rng=1)


def examples(n: int = 11) -> Examples:
    rng = np.random.default_rng(2)
    return Examples(rng.standard_normal((n, 3)), rng.integers(2, size=n))


def trained_step_by_step(network: Network, data: Examples, m: int, eta: float, lmbda: float = 0.0) -> None:
    """An epoch in the order of the examples, each step by the optimiser's formula on backprop's gradient."""
    names = ("biases", "weights")
    state = {name: [np.zeros_like(a) for a in getattr(network, name)] for name in names}
    y = data.targets(2)
    for start in range(0, len(data), m):
        rows = slice(start, start + m)
        gradients = network.backprop(data.x[rows].T, y[rows].T)
        for name, nabla in zip(names, gradients, strict=True):
            shrink = 1 - eta * lmbda / len(data) if name == "weights" else 1.0
            for layer, summed in enumerate(nabla):
                g, w = summed / len(y[rows]), getattr(network, name)[layer]
                before = [state[name][layer]] if network.optimiser.keeps else []
                new, *after = network.optimiser.step(w, g, eta, shrink, *before)
                getattr(network, name)[layer] = new
                state[name][layer : layer + 1] = after or [state[name][layer]]


@pytest.mark.parametrize("optimiser", [Sgd(), HALF, NESTEROV, Momentum(momentum=0.0)], ids=repr)
@pytest.mark.parametrize("lmbda", [0.0, 0.5])
def test_an_epoch_is_the_steps_of_the_formula(optimiser: Optimiser, lmbda: float) -> None:
    data, ours, expected = examples(), network(optimiser, lmbda=lmbda), network(optimiser, lmbda=lmbda)
    ours.train_epoch(data, np.arange(11), 4, 0.7)
    trained_step_by_step(expected, data, 4, 0.7, lmbda)
    for a, b in zip(ours.weights + ours.biases, expected.weights + expected.biases, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-14)


def test_plain_gradient_descent_keeps_nothing() -> None:
    assert network(Sgd()).optimiser_arrays() == {}


def test_what_momentum_keeps_is_named_and_shaped_as_weights_and_biases() -> None:
    kept = network(HALF, "float32").optimiser_arrays()
    assert {name: (array.shape, str(array.dtype)) for name, array in kept.items()} == {
        "velocity_weights_1": ((4, 3), "float32"),
        "velocity_weights_2": ((2, 4), "float32"),
        "velocity_biases_1": ((4, 1), "float32"),
        "velocity_biases_2": ((2, 1), "float32"),
    }


def test_the_velocity_after_a_first_step_is_how_far_it_went() -> None:
    net = network(HALF)
    before = [w.copy() for w in net.weights]
    net.train_epoch(examples(), np.arange(11), 11, 0.7)
    for layer, (old, new) in enumerate(zip(before, net.weights, strict=True), start=1):
        np.testing.assert_allclose(net.optimiser_arrays()[f"velocity_weights_{layer}"], new - old, atol=1e-15)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_that_goes_on_with_weights_and_kept_arrays_is_as_if_never_stopped(nesterov: bool, dtype: str) -> None:
    whole, half = (network(Momentum(nesterov=nesterov), dtype, 0.5) for _ in range(2))
    for _ in range(2):
        whole.train_epoch(examples(), np.arange(11), 4, 0.7)
    half.train_epoch(examples(), np.arange(11), 4, 0.7)
    other = network(Momentum(nesterov=nesterov), dtype, 0.5)
    other.weights[:], other.biases[:] = half.weights, half.biases
    for name, array in half.optimiser_arrays().items():
        other.optimiser_arrays()[name][...] = array
    other.train_epoch(examples(), np.arange(11), 4, 0.7)
    assert other.fingerprint() == whole.fingerprint()
