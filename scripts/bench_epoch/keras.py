"""Keras on JAX, as its users have it: `model.fit`, with many steps to an execution."""

from __future__ import annotations

import os
from typing import Any

from bench_epoch.task import Epochs, Task, timed
from nnexp.nn.arrays import Array

STEPS = 100  # to an execution
EVALUATED_AT_ONCE = 1000


def keras(task: Task) -> Epochs:
    """Train by `fit` on examples that are in their order already; sigmoids and the quadratic cost."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    def cost(y: Any, a: Any) -> Any:
        return keras.ops.sum(keras.ops.square(a - y), axis=-1) / 2

    start, (n_in, *units) = task.network(), task.config.sizes
    model = keras.Sequential([keras.Input((n_in,)), *(keras.layers.Dense(n, activation="sigmoid") for n in units)])
    for layer, b, w in zip(model.layers, start.biases, start.weights, strict=True):
        layer.set_weights([w.T, b[:, 0]])
    optimiser = keras.optimizers.SGD(task.config.eta)
    model.compile(optimizer=optimiser, loss=cost, steps_per_execution=STEPS, jit_compile=True)
    (x, _), *evaluated = task.floats
    y = task.targets

    def epoch(order: Array) -> float:
        fitted = model.fit(x[order], y[order], batch_size=task.m, shuffle=False, verbose=0)
        for part, labels in evaluated:
            (model.predict(part, batch_size=EVALUATED_AT_ONCE, verbose=0).argmax(axis=1) == labels).sum()
        return float(fitted.history["loss"][0])

    return timed(task, epoch)
