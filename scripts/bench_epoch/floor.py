"""The floor under an epoch: its matrices multiplied and nothing else, on inputs that stay in cache."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.linalg.blas import sgemm

from bench_epoch.task import Epochs, Task, timed
from nnexp.nn.arrays import Array
from nnexp.nn.engines.numpy import EVALUATED_AT_ONCE
from nnexp.nn.minibatches import BLOCK_BYTES

Products = list[tuple[Array, Array, Array]]


def floor(task: Task) -> Epochs:
    """Multiply an epoch's matrices; it learns nothing, and has no cost."""
    sizes, m, rng = task.config.sizes, task.m, np.random.default_rng(0)
    weights = [rng.random((y, x), np.float32) for x, y in itertools.pairwise(sizes)]
    block = rng.random((max(1, BLOCK_BYTES // (4 * sizes[0] * m)) * m, sizes[0]), np.float32)
    steps = [_products(block[start : start + m], weights, rng) for start in range(0, len(block), m)]
    evaluation = _products(rng.random((EVALUATED_AT_ONCE, sizes[0]), np.float32), weights, rng)[0]
    evaluated = len(task.dataset.validation) + len(task.dataset.test)

    def epoch(order: Array) -> None:
        for step in range(len(order) // m):
            forward, backward, update = steps[step % len(steps)]
            _multiply(forward)
            _multiply(backward)
            for a_T, delta_T, w_T in update:
                sgemm(-1e-9, a_T, delta_T, 1.0, w_T, 0, 1, 1)
        for _ in range(evaluated // EVALUATED_AT_ONCE):
            _multiply(evaluation)

    return timed(task, epoch)


def _products(x: Array, weights: list[Array], rng: np.random.Generator) -> tuple[Products, Products, Products]:
    """Operands of the products that a step on the rows x makes: forward, backward, and the update's."""
    inputs = [x, *(rng.random((len(x), len(w)), np.float32) for w in weights[:-1])]
    outputs, deltas = ([rng.random((len(x), len(w)), np.float32) for w in weights] for _ in range(2))
    forward = [(a, w.T, z) for a, w, z in zip(inputs, weights, outputs, strict=True)]
    backward = [(deltas[i], weights[i], deltas[i - 1]) for i in range(len(weights) - 1, 0, -1)]
    update = [(a.T, delta.T, w.T) for a, delta, w in zip(inputs, deltas, weights, strict=True)]
    return forward, backward, update


def _multiply(products: Products) -> None:
    """Each product into its third array."""
    for a, b, out in products:
        np.dot(a, b, out)
