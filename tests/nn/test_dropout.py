"""Dropout: what it leaves out, that both passes do so alike, and that both engines do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.gelu import Gelu
from nnexp.nn.arrays import Array
from nnexp.nn.dropout import Dropout, rates_of
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network

RNG = np.random.default_rng(5)
# Bytes, as other tests have them: code is compiled for each type of number.
EXAMPLES = Examples(RNG.integers(0, 256, (397, 6), dtype=np.uint8), RNG.integers(0, 3, 397), 1 / 255)
FEW = Examples(EXAMPLES.x[:6], EXAMPLES.y[:6], EXAMPLES.scale)
SIZES = [6, 5, 4, 3]
RATES = [0.2, 0.5, 0.3]
F64, F32 = np.dtype("float64"), np.dtype("float32")


def network(engine: str, dtype: str = "float64", activation: Activation | None = None) -> Network:
    return Network(SIZES, activation=activation or Gelu(), engine=Engine.named(engine), dtype=dtype, rng=0)


def trained(engine: str, rates: list[float], dtype: str = "float64", m: int = 8) -> Network:
    made = network(engine, dtype)
    for epoch in range(2):
        made.train_epoch(EXAMPLES, np.arange(397), m, 0.2, Dropout(SIZES, rates, [0, 2, epoch]))
    return made


def test_a_number_is_of_the_hidden_layers_alone() -> None:
    assert rates_of(0.5, 4) == [0.0, 0.5, 0.5]
    assert rates_of([0.2, 0.5, 0.3], 4) == [0.2, 0.5, 0.3]


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.75])
def test_factors_have_mean_1_and_the_variance_of_a_binomial(rate: float) -> None:
    factors = Dropout([1, 100, 1], [0.0, rate], seed=0).factors(2000, F64)
    variance = rate / (1 - rate)
    deviation = (variance / factors.size) ** 0.5
    assert factors.mean() == pytest.approx(1, abs=4 * deviation)
    assert factors.var() == pytest.approx(variance, rel=0.02)
    assert np.unique(factors) == pytest.approx([0, 1 / (1 - rate)], rel=2e-4)


def test_factors_of_different_units_and_examples_are_independent() -> None:
    factors = Dropout([1, 50, 1], [0.0, 0.5], seed=0).factors(2000, F64) - 1
    assert abs(np.corrcoef(factors.T) - np.eye(50)).max() < 0.12
    assert abs((factors[1:] * factors[:-1]).mean()) < 0.02


@pytest.mark.parametrize("width", [3, 4, 7])
def test_factors_do_not_depend_on_how_many_are_asked_for_at_a_time(width: int) -> None:
    one, other = (Dropout([2, width, 2], [0.3, 0.5], seed=1) for _ in range(2))
    pieces = [other.factors(n, F32) for n in (1, 5, 2, 12)]
    assert np.array_equal(one.factors(20, F32), np.concatenate(pieces))


def test_a_layer_of_rate_0_has_no_factors() -> None:
    dropout = Dropout([6, 5, 4, 3], [0.2, 0.0, 0.5])
    assert dropout.columns == [slice(0, 6), slice(6, 6), slice(6, 10)]
    assert dropout.factors(7, F32).shape == (7, 10)


def test_a_rate_just_below_1_leaves_something() -> None:
    assert np.isfinite(Dropout([2, 9, 2], [0.0, 1 - 1e-12]).factors(99, F32)).all()


def by_hand(made: Network, factors: Array) -> float:
    """The mean quadratic cost of FEW, with these factors of inputs and hidden units."""
    a, at = FEW.x * FEW.scale, 0
    for w, b in zip(made.weights, made.biases, strict=True):
        a = a * factors[:, at : at + a.shape[1]]
        at += a.shape[1]
        z = a @ w.T + b.T
        a = made.activation.value(z) if w is not made.weights[-1] else 1 / (1 + np.exp(-z))
    return float(np.sum((a - FEW.targets(3)) ** 2)) / 2 / len(FEW)


@pytest.mark.parametrize("engine", Engine.kinds())
def test_a_step_is_against_the_gradient_by_finite_differences_of_the_cost_with_the_same_factors(engine: str) -> None:
    made, stepped, h = network(engine), network(engine), 1e-6
    factors = Dropout(SIZES, RATES, 7).factors(len(FEW), F64)
    cost = stepped.train_epoch(FEW, np.arange(6), 6, 1.0, Dropout(SIZES, RATES, 7))
    assert cost == pytest.approx(by_hand(made, factors), rel=1e-12)
    for array, after in zip(made.weights + made.biases, stepped.weights + stepped.biases, strict=True):
        for i, value in np.ndenumerate(array):
            costs = []
            for changed in (value + h, value - h):
                array[i] = changed
                costs.append(by_hand(made, factors))
            array[i] = value
            assert value - after[i] == pytest.approx((costs[0] - costs[1]) / (2 * h), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("dtype", "digits"), [("float32", 1e-5), ("float64", 1e-11)])
def test_a_hundred_steps_in_both_engines_agree(dtype: str, digits: float) -> None:
    both = [trained(engine, RATES, dtype) for engine in ("numpy", "compiled")]
    for ours, theirs in zip(both[0].weights + both[0].biases, both[1].weights + both[1].biases, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=digits, atol=digits)


def test_large_mini_batches_in_both_engines_agree() -> None:
    both = [trained(engine, RATES, m=100) for engine in ("numpy", "compiled")]
    np.testing.assert_allclose(both[0].weights[0], both[1].weights[0], rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("engine", Engine.kinds())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rates_of_0_are_no_dropout_bit_for_bit(engine: str, dtype: str) -> None:
    plain = network(engine, dtype)
    for _ in range(2):
        plain.train_epoch(EXAMPLES, np.arange(397), 8, 0.2)
    assert trained(engine, [0.0, 0.0, 0.0], dtype).fingerprint() == plain.fingerprint()


@pytest.mark.parametrize(
    ("engine", "name"),
    [("compiled", "nnexp.nn.compiled.program.FACTORS_AT_ONCE"), ("numpy", "nnexp.nn.minibatches.BLOCK_BYTES")],
)
def test_where_an_epoch_is_cut_changes_no_bit(engine: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(engine, RATES).fingerprint()
    monkeypatch.setattr(name, 1)
    assert trained(engine, RATES).fingerprint() == whole


@pytest.mark.parametrize("engine", Engine.kinds())
@pytest.mark.parametrize("rates", [[0.0, 0.5, 0.0], [0.0, 0.0, 0.5], [0.5, 0.0, 0.0]], ids=["first", "last", "inputs"])
def test_a_single_layer_can_be_thinned(engine: str, rates: list[float]) -> None:
    assert trained(engine, rates).fingerprint() != trained(engine, [0.0] * 3).fingerprint()
    both: list[Any] = [trained(each, rates).weights[0] for each in ("numpy", "compiled")]
    np.testing.assert_allclose(both[0], both[1], rtol=1e-11, atol=1e-11)
