"""The update rule: bounds on rows and averages of weights, against plain loops on backprop's gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnexp.nn.arrays import Array
from nnexp.nn.averages.base import Average
from nnexp.nn.averages.ema import Ema
from nnexp.nn.averages.swa import Swa
from nnexp.nn.descent import split
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.momentum import Momentum
from nnexp.nn.optimisers.nesterov import Nesterov
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.max_norm import MaxNorm
from nnexp.nn.regularisers.none import NoRegulariser
from nnexp.nn.update import Update

RNG = np.random.default_rng(0)
N, M, ETA = 40, 8, 0.5
EXAMPLES = Examples(RNG.random((N, 6)), RNG.integers(0, 3, N))
ENGINES = ["numpy", pytest.param("compiled", marks=pytest.mark.slow)]  # each formula is compiled


def network(engine: str = "numpy", **parts: Any) -> Network:
    return Network([6, 5, 3], dtype="float64", rng=0, engine=Engine.named(engine), **parts)


def epochs(network: Network, count: int) -> None:
    for _ in range(count):
        network.train_epoch(EXAMPLES, np.arange(N), M, ETA)


def parameters(network: Network) -> list[Array]:
    return [array.copy() for array in (*network.weights, *network.biases)]


def after_each_step(count: int, c: float = math.inf) -> list[list[Array]]:
    """What plain descent makes of the parameters, step by step; rows of weights are kept to the norm c."""
    net, y, found = network(), EXAMPLES.targets(3), []
    for _ in range(count):
        for start in range(0, N, M):
            rows = slice(start, start + M)
            nabla_b, nabla_w = net.backprop(EXAMPLES.x[rows].T, y[rows].T)
            for layer in range(2):
                net.biases[layer] -= ETA * nabla_b[layer] / M
                net.weights[layer] -= ETA * nabla_w[layer] / M
                for unit in range(len(net.weights[layer])):
                    norm = math.sqrt(sum(w * w for w in net.weights[layer][unit]))
                    net.weights[layer][unit] *= c / norm if norm > c else 1.0
            found.append(parameters(net))
    return found


def assert_close(ours: list[Array], expected: list[Array]) -> None:
    for a, b in zip(ours, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("c", [0.3, 1.0, 100.0])
def test_weights_into_a_unit_are_scaled_down_to_the_largest_norm_after_each_step(engine: str, c: float) -> None:
    ours = network(engine, regulariser=MaxNorm(c=c))
    epochs(ours, 2)
    assert_close(parameters(ours), after_each_step(2, c)[-1])


def test_a_norm_that_no_unit_reaches_changes_no_bit() -> None:
    bounded, free = network(regulariser=MaxNorm(c=100.0)), network()
    for each in (bounded, free):
        epochs(each, 2)
    assert bounded.fingerprint() == free.fingerprint()


def test_a_unit_whose_weights_are_all_0_stays_as_it_is() -> None:
    assert (MaxNorm(c=1.0).bounded(np.zeros((2, 3))) == 0).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_ema_is_the_weighted_mean_of_the_weights_after_all_steps(engine: str) -> None:
    ours, steps = network(engine, average=Ema(decay=0.8)), after_each_step(2)
    epochs(ours, 2)
    shares = [0.8 ** (len(steps) - 1 - t) for t in range(len(steps))]
    expected = [
        sum(s * a for s, a in zip(shares, each, strict=True)) / sum(shares) for each in zip(*steps, strict=True)
    ]
    assert_close(parameters(ours), expected)


@pytest.mark.parametrize("engine", ENGINES)
def test_swa_is_the_mean_of_the_weights_at_the_ends_of_epochs_from_its_start_on(engine: str) -> None:
    ours, ends = network(engine, average=Swa(start=3)), after_each_step(5)[N // M - 1 :: N // M]
    epochs(ours, 2)
    assert_close(parameters(ours), ends[1])
    epochs(ours, 3)
    assert_close(parameters(ours), [sum(each) / 3 for each in zip(*ends[2:], strict=True)])


@pytest.mark.parametrize("average", [Ema(decay=0.8), Swa(start=1)], ids=repr)
def test_training_goes_on_with_the_latest_weights_whatever_is_evaluated(average: Average) -> None:
    ours = network(average=average)
    epochs(ours, 3)
    latest = [ours.optimiser_arrays()[f"latest_{name}_{layer}"] for name in ("weights", "biases") for layer in (1, 2)]
    assert_close(latest, after_each_step(3)[-1])


def test_an_average_is_of_weights_that_are_bounded() -> None:
    ours, steps = network(average=Ema(decay=0.0), regulariser=MaxNorm(c=0.3)), after_each_step(1, 0.3)
    epochs(ours, 1)
    assert_close(parameters(ours), steps[-1])


@pytest.mark.parametrize("average", [Ema(), Swa(start=1)], ids=repr)
def test_weights_that_somebody_puts_into_a_new_network_are_where_it_begins(average: Average) -> None:
    ours, plain = network(average=average), network()
    for each in (ours, plain):
        each.weights = [np.full((5, 6), 0.1), np.full((3, 5), 0.2)]
        epochs(each, 1)
    np.testing.assert_array_equal(ours.optimiser_arrays()["latest_weights_1"], plain.weights[0])


def test_the_main_jobs_step_is_still_one_product() -> None:
    update = Update(Sgd(), NoRegulariser(), Average.named("none"))
    x, beta, eta, rest = split(update.of_weights(3.0, 100))
    assert (x, beta, eta, rest.operations) == (0, 1.0, 3.0, {})
    assert update.keeps == update.numbers(np.ones(1)) == ()


def test_nesterov_is_what_momentums_setting_was() -> None:
    values = (2.0, 4.0, 0.25, 0.75, -1.5)
    assert Nesterov(momentum=0.5).step(*values) == Momentum(momentum=0.5, nesterov=True).step(*values)


@pytest.mark.parametrize(
    ("kind", "settings", "kept", "expected"),
    [
        # of g = 4 and v = 48: 0.5 * 48 + 0.5 * 16 = 32; 2 - 0.25 * 4 / (sqrt(32) + 1)
        ("rmsprop", {"rho": 0.5, "epsilon": 1.0}, [48.0], [2 - 1 / (math.sqrt(32) + 1), 32.0]),
        ("adagrad", {"epsilon": 1.0}, [9.0], [2 - 1 / 6, 25.0]),  # 9 + 16 = 25, the root and 1 are 6
    ],
)
def test_a_step_is_the_one_worked_by_hand(
    kind: str, settings: dict[str, float], kept: list[float], expected: list[float]
) -> None:
    optimiser = Optimiser.named(kind, **settings)
    assert optimiser.step(2.0, 4.0, 0.25, 1.0, *kept) == pytest.approx(tuple(expected), rel=1e-15)


def test_adamw_shrinks_beside_both_means() -> None:
    numbers = (4.0, 0.25, 1.0, 1.0, 9.0, 1.5, 2.0)  # g, eta, shrink, both means and what corrects them
    w, *means = Optimiser.named("adamw", decay=0.5).step(2.0, *numbers)
    plain, *same = Optimiser.named("adam").step(2.0, *numbers)
    assert means == same
    assert w == pytest.approx(plain - 0.25 * 0.5 * 2.0, rel=1e-15)
