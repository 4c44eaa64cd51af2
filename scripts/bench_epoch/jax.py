"""JAX: the epoch and its evaluation are one compiled function, in which a scan gathers the mini-batches.

Tried besides, and slower: examples as bytes, weights the other way round, all examples gathered before the scan, steps
unrolled.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from bench_epoch.task import Epochs, Task, timed
from nnexp.nn.arrays import Array
from nnexp.nn.optimisers.base import Optimiser


def jax(task: Task) -> Epochs:
    """Train by `lax.scan`, with optax's optimisers."""
    import jax
    import optax

    jnp = jax.numpy
    hidden = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}[task.config.activation.kind]
    cost_of = _costs()[task.config.cost.kind]
    optimiser = _optimiser(task.config.optimiser, task.config.eta)

    def last_z(layers: Any, x: Any) -> Any:
        *inner, (b, w) = layers
        for b_inner, w_inner in inner:
            x = hidden(x @ w_inner.T + b_inner)
        return x @ w.T + b

    def cost(layers: Any, x: Any, y: Any) -> Any:
        return jnp.sum(cost_of(last_z(layers, x), y)) / task.m

    @functools.partial(jax.jit, donate_argnums=0)
    def train_and_evaluate(state: Any, order: Any, train: Any, evaluated: Any) -> Any:
        def step(state: Any, index: Any) -> Any:
            layers, kept = state
            value, gradient = jax.value_and_grad(cost)(layers, train[0][index], train[1][index])
            updates, kept = optimiser.update(gradient, kept, layers)
            return (optax.apply_updates(layers, updates), kept), value

        state, costs = jax.lax.scan(step, state, order)
        return state, costs.mean(), [(last_z(state[0], x).argmax(axis=1) == labels).sum() for x, labels in evaluated]

    start = task.network()
    layers = [[jnp.asarray(b.T), jnp.asarray(w)] for b, w in zip(start.biases, start.weights, strict=True)]
    state = [layers, optimiser.init(layers)]
    train = (jnp.asarray(task.floats[0][0]), jnp.asarray(task.targets))
    evaluated = [(jnp.asarray(x), jnp.asarray(labels)) for x, labels in task.floats[1:]]

    def epoch(order: Array) -> float:
        steps = order.astype(np.int32).reshape(-1, task.m)
        state[:], cost, right = train_and_evaluate(tuple(state), steps, train, evaluated)
        jax.block_until_ready((state, right))
        return float(cost)

    return timed(task, epoch)


def _costs() -> dict[str, Any]:
    """What each example costs, summed or element by element, from the weighted inputs z of the output units."""
    import jax
    import optax

    return {
        "quadratic": lambda z, y: (jax.nn.sigmoid(z) - y) ** 2 / 2,
        "cross_entropy": optax.sigmoid_binary_cross_entropy,
        "log_likelihood": optax.softmax_cross_entropy,
    }


def _optimiser(ours: Optimiser, eta: float) -> Any:
    """Optax's, with the settings of ours."""
    import optax

    settings = ours.settings
    match ours.kind:
        case "sgd":
            return optax.sgd(eta)
        case "momentum":
            return optax.sgd(eta, momentum=settings["momentum"])
        case "adam":
            return optax.adam(eta, b1=settings["beta1"], b2=settings["beta2"], eps=settings["epsilon"])
    raise ValueError(f"optimiser: got {ours.kind}, expected sgd, momentum or adam")
