"""Weights and costs are bit for bit those of the commit 431866a, which wrote every numpy call by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg.blas import dgemm, sgemm

from nnexp.data.sources.digits import Digits
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.blas import blas_threads
from nnexp.nn.costs.base import Cost
from nnexp.nn.examples import Examples
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.network import Network

RECORDED = json.loads((Path(__file__).parent / "numbers_of_431866a.json").read_text())
N = 500


@pytest.fixture(scope="module")
def digits() -> Examples:
    train = Digits().load().train
    return Examples(train.x[:N], train.y[:N], train.scale)


def order(epoch: int) -> Array:
    return np.random.default_rng([3, 1, epoch]).permutation(N)


def machine() -> str:
    """A hash of the last bits that this machine gives to the products and functions that training is made of."""
    digest = hashlib.sha256()
    rng = np.random.default_rng(0)
    with blas_threads(1):
        for dtype, gemm in (("float32", sgemm), ("float64", dgemm)):
            for m, x, y in ((10, 64, 30), (7, 64, 10), (1, 30, 10), (500, 64, 20), (64, 20, 15)):
                a, w, delta = (rng.standard_normal(shape).astype(dtype) for shape in ((m, x), (y, x), (m, y)))
                z = a @ w.T
                results = (z, delta @ w, gemm(-0.1, a.T, delta.T, 1.0, w.T, 0, 1, 0), np.tanh(z), np.log1p(np.exp(-z)))
                for each in results:
                    digest.update(np.ascontiguousarray(each).tobytes())
    return digest.hexdigest()


def name_of(run: dict[str, Any]) -> str:
    return "-".join(str(run[each]) for each in ("sizes", "activation", "cost", "init", "dtype", "mini_batch_size"))


@pytest.mark.skipif(machine() != RECORDED["machine"], reason="this machine's BLAS or tanh gives other last bits")
@pytest.mark.parametrize("run", RECORDED["runs"], ids=name_of)
def test_a_network_trains_to_the_recorded_bits(run: dict[str, Any], digits: Examples) -> None:
    choices = {"activation": Activation.named(run["activation"]), "cost": Cost.named(run["cost"])}
    init = Initialiser.named(run["init"])
    network = Network(run["sizes"], **choices, init=init, dtype=run["dtype"], rng=[3, 0])
    with blas_threads(1):
        costs = [network.train_epoch(digits, order(epoch), run["mini_batch_size"], 0.1).hex() for epoch in (1, 2)]
        right = network.evaluate(digits)
    assert (costs, network.fingerprint(), right) == (run["costs"], run["fingerprint"], run["right"])


# The same steps, with every call written by hand: so that it is seen on any machine.


class HandWritten:
    """The inner loop of 431866a, of one mini-batch."""

    def __init__(self, network: Network) -> None:
        self.activation, self.cost = network.activation.kind, network.cost.kind
        self.weights, self.biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
        self.gemm = {"float32": sgemm, "float64": dgemm}[network.dtype.name]

    def apply(self, z: Array) -> None:
        if self.activation == "sigmoid":
            self.sigmoid(z)
        elif self.activation == "tanh":
            np.tanh(z, out=z)
        else:
            np.maximum(z, 0, out=z)

    def sigmoid(self, z: Array) -> None:
        half = np.array(0.5, np.float32)
        np.multiply(z, half, z)
        np.tanh(z, z)
        np.multiply(z, half, z)
        np.add(z, half, z)

    def prime(self, a: Array) -> Array:
        out = np.empty_like(a)
        if self.activation == "sigmoid":
            np.subtract(1, a, out)
            np.multiply(out, a, out)
        elif self.activation == "tanh":
            np.multiply(a, a, out)
            np.subtract(1, out, out)
        else:
            np.greater(a, 0, out=out)
        return out

    def error(self, a: Array, y: Array) -> Array:
        if self.cost == "cross_entropy":
            return a - y
        prime = np.subtract(1, a)
        prime *= a
        prime *= a - y
        return prime

    def step(self, x: Array, y: Array, eta: float) -> None:
        inputs = [x]
        for w, b in zip(self.weights, self.biases, strict=True):
            z = np.dot(inputs[-1], w.T)
            z += b.T
            self.sigmoid(z) if w is self.weights[-1] else self.apply(z)
            inputs.append(z)
        deltas = [self.error(inputs.pop(), y)]
        for w, a in zip(self.weights[:0:-1], inputs[:0:-1], strict=True):
            deltas.append(np.dot(deltas[-1], w) * self.prime(a))
        ones, rate = np.ones((1, len(x)), x.dtype), eta / len(x)
        for w, b, a, delta in zip(self.weights, self.biases, inputs, deltas[::-1], strict=True):
            self.gemm(-rate, a.T, delta.T, 1.0, w.T, 0, 1, 1)
            self.gemm(-rate, ones, delta.T, 1.0, b.T, 0, 1, 1)


@pytest.mark.parametrize("sizes", [[64, 10], [64, 20, 15, 10]])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cost", ["quadratic", "cross_entropy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_a_network_trains_as_calls_written_by_hand_do(
    activation: str, cost: str, dtype: str, sizes: list[int], digits: Examples
) -> None:
    network = Network(sizes, activation=Activation.named(activation), cost=Cost.named(cost), dtype=dtype, rng=0)
    by_hand = HandWritten(network)
    x = np.multiply(digits.x, network.dtype.type(digits.scale), dtype=dtype, casting="same_kind")
    y = digits.targets(10).astype(dtype)
    with blas_threads(1):
        network.train_epoch(digits, order(1), 9, 0.3)  # 500 = 55 * 9 + 5
        for start in range(0, N, 9):
            batch = order(1)[start : start + 9]
            by_hand.step(x[batch], y[batch], 0.3)
    pairs = zip(network.weights + network.biases, by_hand.weights + by_hand.biases, strict=True)
    assert all(ours.tobytes() == theirs.tobytes() for ours, theirs in pairs)
