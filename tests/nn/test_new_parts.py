"""A new part of any kind is one class in one file: nothing else has to know it."""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.examples import Examples
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.weights_file import load, save

IMPORTS = """
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from nnexp.component import number, setting
"""
SWISH = """
from nnexp.nn.activations.base import Activation

@dataclass
class Swish(Activation):
    beta: float = setting(1.0, help="how steep", rule=number(above=0))
    kind: str = "swish"

    def value(self, z):
        return z / (1 + np.exp(-self.beta * z))

    def derivative(self, z, a):
        s = 1 / (1 + np.exp(-self.beta * z))
        return s + self.beta * a * (1 - s)

    def saturated(self, a):
        return np.abs(a) < 0.01
"""
TANH_OUTPUTS = """
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.costs.base import Cost

@dataclass
class Signed(Cost):
    kind: str = "signed"
    outputs: ClassVar = Tanh()

    def value(self, z, a, y):
        return 0.5 * (a - y) * (a - y)

    def delta(self, z, a, y):
        return (a - y) * (1 - a * a)

    def derivative(self, a, y):
        return a - y
"""
RMSPROP = """
from nnexp.nn.optimisers.base import Optimiser

@dataclass
class RmsProp(Optimiser):
    decay: float = setting(0.9, help="of the mean square", rule=number(least=0, below=1))
    kind: str = "mean_squares"
    keeps: ClassVar[tuple[str, ...]] = ("square",)

    def step(self, w, g, eta, shrink, *others):
        square = self.decay * others[0] + (1 - self.decay) * g * g
        return shrink * w - eta * g / (np.sqrt(square) + 1e-8), square
"""
L1 = """
from nnexp.nn.regularisers.base import Regulariser

@dataclass
class L1(Regulariser):
    lmbda: float = setting(1.0, help="how much large weights cost", rule=number(least=0))
    kind: str = "sizes"

    def shrink(self, eta, n):
        return 1.0

    def slope(self, w, n):
        return self.lmbda / n * np.sign(w)

    def penalty(self, weights, n):
        return self.lmbda / n * sum(float(np.abs(w).sum()) for w in weights)
"""
HALVES = """
from nnexp.nn.initialisers.base import Initialiser

@dataclass
class Halves(Initialiser):
    kind: str = "halves"

    def weights(self, n_out, n_in, rng):
        return 0.5 * rng.standard_normal((n_out, n_in))
"""


Add = Callable[[str], None]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Add]:
    """Write a file with a part and import it, for this test alone."""

    def write_and_import(source: str) -> None:
        (tmp_path / "toy.py").write_text(IMPORTS + source)
        spec = importlib.util.spec_from_file_location("toy", tmp_path / "toy.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "toy", module)
        spec.loader.exec_module(module)

    yield write_and_import
    monkeypatch.undo()
    gc.collect()  # a class that nobody holds is no kind any more


EXAMPLES = Examples(np.random.default_rng(0).standard_normal((7, 3)), np.array([0, 1, 1, 0, 1, 0, 0]))


def cost_of(network: Network, x: Array, y: Array) -> float:
    """From the outputs, as the squared distance."""
    return float(np.sum((network.feedforward(x) - y) ** 2)) / 2


def assert_gradient(network: Network) -> None:
    x, y, h = EXAMPLES.x.T, EXAMPLES.targets(2).T, 1e-6
    _, nabla_w = network.backprop(x, y)
    for w, nabla in zip(network.weights, nabla_w, strict=True):
        for i, value in np.ndenumerate(w):
            costs = []
            for changed in (value + h, value - h):
                w[i] = changed
                costs.append(cost_of(network, x, y))
            w[i] = value
            assert nabla[i] == pytest.approx((costs[0] - costs[1]) / (2 * h), abs=1e-8)


def test_an_activation_that_needs_both_z_and_a(add: Add, tmp_path: Path) -> None:
    add(SWISH)
    network = Network([3, 4, 4, 2], activation=Activation.named("swish", beta=2.0), dtype="float64", rng=0)
    assert_gradient(network)
    save(network, tmp_path / "swish.npz")
    assert load(tmp_path / "swish.npz").activation == network.activation


def test_a_cost_with_output_units_of_its_own(add: Add) -> None:
    add(TANH_OUTPUTS)
    network = Network([3, 4, 2], cost=Cost.named("signed"), dtype="float64", rng=0)
    assert_gradient(network)
    cost = cost_of(network, EXAMPLES.x.T, EXAMPLES.targets(2).T) / 7
    assert network.train_epoch(EXAMPLES, np.arange(7), 7, 0.1) == pytest.approx(cost, rel=1e-13)


def test_an_optimiser_that_keeps_mean_squares(add: Add) -> None:
    add(RMSPROP)
    network = Network([3, 2], optimiser=Optimiser.named("mean_squares", decay=0.5), dtype="float64", rng=0)
    before = network.weights[0].copy()
    _, (nabla,) = network.backprop(EXAMPLES.x.T, EXAMPLES.targets(2).T)
    network.train_epoch(EXAMPLES, np.arange(7), 7, 0.1)
    g = nabla / 7
    np.testing.assert_allclose(network.optimiser_arrays()["square_weights_1"], g * g / 2, rtol=1e-12)
    step = -0.1 * g / (np.sqrt(g * g / 2) + 1e-8)  # as of the first step: 0.1 times the root of 2, either way
    np.testing.assert_allclose(network.weights[0] - before, step, rtol=1e-12)


@pytest.mark.parametrize("optimiser", ["sgd", "momentum"])
def test_a_regulariser_that_does_more_than_shrink(add: Add, optimiser: str) -> None:
    add(L1)
    choices = {"optimiser": Optimiser.named(optimiser), "dtype": "float64", "rng": 0}
    plain = Network([3, 2], **choices)
    sparse = Network([3, 2], regulariser=Regulariser.named("sizes", lmbda=0.5), **choices)
    first = plain.weights[0].copy()
    for each in (plain, sparse):
        each.train_epoch(EXAMPLES, np.arange(7), 7, 0.1)
    # eta lmbda / n towards 0 (Nielsen, chapter 3, equation 96); biases are left alone
    np.testing.assert_allclose(sparse.weights[0], plain.weights[0] - 0.1 * 0.5 / 7 * np.sign(first), rtol=1e-12)
    np.testing.assert_allclose(sparse.biases[0], plain.biases[0], rtol=1e-15)


def test_an_initialiser_that_has_a_spread_of_its_own(add: Add) -> None:
    add(HALVES)
    network = Network([400, 500], init=Initialiser.named("halves"), rng=0)
    assert network.weights[0].std() == pytest.approx(0.5, rel=0.01)
    assert not network.biases[0].any()
