"""Steps of each optimiser, regulariser and cost against JAX's gradient and optax's update, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import jax
import numpy as np
import optax
import pytest

from nnexp.nn.costs.base import Cost
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser

jnp = jax.numpy
SIZES, N, M = [6, 5, 3], 40, 8
RNG = np.random.default_rng(0)
EXAMPLES = Examples(RNG.random((N, 6)), RNG.integers(0, 3, N))
TINY = 1e-30  # optax adds AdaGrad's below the root, where it is no more than nothing
OPTIMISERS: dict[str, tuple[float, dict[str, float], Any]] = {  # eta, settings, optax's
    "sgd": (0.5, {}, optax.sgd(0.5)),
    "momentum": (0.1, {}, optax.sgd(0.1, momentum=0.9)),
    "nesterov": (0.1, {}, optax.sgd(0.1, momentum=0.9, nesterov=True)),
    "rmsprop": (0.01, {}, optax.rmsprop(0.01, decay=0.9, eps=1e-8, eps_in_sqrt=False)),
    "adagrad": (0.1, {"epsilon": TINY}, optax.adagrad(0.1, initial_accumulator_value=0.0, eps=TINY)),
    "adam": (0.01, {}, optax.adam(0.01)),
    "adamw": (0.01, {"decay": 0.1}, optax.adamw(0.01, weight_decay=0.1)),
}
REGULARISERS: dict[str, Any] = {  # the penalty of all weights
    "none": lambda weights: 0.0,
    "l1": lambda weights: 2.0 / N * sum(jnp.abs(w).sum() for w in weights),
    "l2": lambda weights: 2.0 / (2 * N) * sum((w**2).sum() for w in weights),
    "elastic": lambda weights: 2.0 / N * sum(0.25 * jnp.abs(w).sum() + 0.375 * (w**2).sum() for w in weights),
}
SETTINGS: dict[str, dict[str, float]] = {"none": {}, "elastic": {"lmbda": 2.0, "l1_ratio": 0.25}}
COSTS: dict[str, Any] = {  # of an example's logits
    "quadratic": lambda z, y: 0.5 * ((jax.nn.sigmoid(z) - y) ** 2).sum(axis=1),
    "cross_entropy": lambda z, y: optax.sigmoid_binary_cross_entropy(z, y).sum(axis=1),
    "log_likelihood": optax.softmax_cross_entropy,
}


@pytest.fixture(autouse=True, scope="module")
def float64() -> Iterator[None]:
    """JAX's numbers in this module, and nowhere else."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def network(optimiser: str, regulariser: str, cost: str, engine: str) -> Network:
    parts: dict[str, Any] = {
        "optimiser": Optimiser.named(optimiser, **OPTIMISERS[optimiser][1]),
        "regulariser": Regulariser.named(regulariser, **SETTINGS.get(regulariser, {"lmbda": 2.0})),
        "cost": Cost.named(cost),
        "engine": Engine.named(engine),
    }
    return Network(SIZES, dtype="float64", rng=0, **parts)


@cache
def by_optax(optimiser: str, regulariser: str, cost: str) -> dict[int, list[Any]]:
    """The weights and biases after one step, and after a hundred."""
    first = network(optimiser, regulariser, cost, "numpy")
    update, penalty, cost_of = OPTIMISERS[optimiser][2], REGULARISERS[regulariser], COSTS[cost]
    parameters = [list(map(jnp.array, first.weights)), list(map(jnp.array, first.biases))]
    x, y = jnp.array(EXAMPLES.x), jnp.array(EXAMPLES.targets(SIZES[-1]), float)

    def whole(parameters: Any, x: Any, y: Any) -> Any:
        weights, biases = parameters
        *hidden, (w, b) = zip(weights, biases, strict=True)
        for each, bias in hidden:
            x = jax.nn.sigmoid(x @ each.T + bias.T)
        return cost_of(x @ w.T + b.T, y).mean() + penalty(weights)

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        parameters, kept = state
        updates, kept = update.update(jax.grad(whole)(parameters, x, y), kept, parameters)
        return optax.apply_updates(parameters, updates), kept

    state, after = (parameters, update.init(parameters)), {}
    for steps in range(1, 101):
        start = (steps - 1) * M % N
        state = step(state, x[start : start + M], y[start : start + M])
        after[steps] = [*state[0][0], *state[0][1]]
    return after


QUICK = [
    *product(OPTIMISERS, ["none"], ["cross_entropy"]),
    *product(["sgd"], ["l1", "l2", "elastic"], ["cross_entropy"]),
    *product(["sgd"], ["none"], ["quadratic", "log_likelihood"]),
]
OTHERS = [each for each in product(OPTIMISERS, REGULARISERS, ["cross_entropy"]) if each not in QUICK]
ALL = [
    *((*each, "numpy") for each in QUICK),
    *(pytest.param(*each, "numpy", marks=pytest.mark.slow) for each in OTHERS),
    *(pytest.param(*each, "compiled", marks=pytest.mark.slow) for each in [*QUICK, *OTHERS]),  # formulas are compiled
]


@pytest.mark.parametrize(("optimiser", "regulariser", "cost", "engine"), ALL)
def test_one_step_and_a_hundred_are_those_of_jax_and_optax(
    optimiser: str, regulariser: str, cost: str, engine: str
) -> None:
    expected = by_optax(optimiser, regulariser, cost)
    for orders in ([np.arange(M)], [np.arange(N)] * 20):
        ours = network(optimiser, regulariser, cost, engine)
        for order in orders:
            ours.train_epoch(EXAMPLES, order, M, OPTIMISERS[optimiser][0])
        steps = len(orders) * len(orders[0]) // M
        for a, b in zip([*ours.weights, *ours.biases], expected[steps], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)
