"""Activations against closed forms and finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.elu import Elu
from nnexp.nn.activations.gelu import Gelu
from nnexp.nn.activations.identity import Identity
from nnexp.nn.activations.leaky_relu import LeakyRelu
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.sigmoid import Sigmoid, sigmoid, sigmoid_prime
from nnexp.nn.activations.silu import Silu
from nnexp.nn.activations.softplus import Softplus
from nnexp.nn.activations.tanh import Tanh

OURS = set(Activation.kinds())
Z = np.array([[-3.0, -0.5, 0.25], [1.0, 2.0, 4.0]])


TANH_FORM = math.sqrt(2 / math.pi)

CLOSED_FORMS: list[tuple[Activation, Callable[[float], float]]] = [
    (Sigmoid(), lambda z: 1 / (1 + math.exp(-z))),
    (Tanh(), math.tanh),
    (Relu(), lambda z: max(0.0, z)),
    (LeakyRelu(slope=0.25), lambda z: z if z > 0 else z / 4),
    (Gelu(), lambda z: z / 2 * (1 + math.tanh(TANH_FORM * (z + 0.044715 * z**3)))),
    (Elu(), lambda z: z if z > 0 else math.exp(z) - 1),
    (Elu(alpha=0.5), lambda z: z if z > 0 else (math.exp(z) - 1) / 2),
    (Silu(), lambda z: z / (1 + math.exp(-z))),
    (Softplus(), lambda z: math.log(1 + math.exp(z))),
    (Identity(), lambda z: z),
]


@pytest.mark.parametrize(("activation", "closed_form"), CLOSED_FORMS, ids=lambda each: getattr(each, "kind", ""))
def test_the_value_is_its_closed_form(activation: Activation, closed_form: Callable[[float], float]) -> None:
    np.testing.assert_allclose(activation.value(Z), np.vectorize(closed_form)(Z), rtol=1e-13)


def test_every_activation_has_a_closed_form() -> None:
    assert {activation.kind for activation, _ in CLOSED_FORMS} == OURS


@pytest.mark.parametrize("activation", [each for each, _ in CLOSED_FORMS], ids=repr)
def test_the_derivative_is_that_of_finite_differences(activation: Activation) -> None:
    h = 1e-6
    differences = (activation.value(Z + h) - activation.value(Z - h)) / (2 * h)
    np.testing.assert_allclose(activation.derivative(Z, activation.value(Z)), differences, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", sorted(OURS))
def test_it_is_bounded_if_a_large_input_gives_no_more_than_a_large_one(kind: str) -> None:
    activation = Activation.named(kind)
    assert activation.bounded == (activation.value(np.array(1e6)) == activation.value(np.array(1e3)))


@pytest.mark.parametrize("kind", sorted(OURS))
def test_float32_is_float64_rounded(kind: str) -> None:
    activation = Activation.named(kind)
    np.testing.assert_allclose(activation.value(Z.astype(np.float32)), activation.value(Z), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("kind", sorted(OURS - {"gelu"}))  # whose cube of z overflows
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_overflows_however_large_the_input_is(kind: str, dtype: str) -> None:
    activation, largest = Activation.named(kind), float(np.finfo(dtype).max)
    z = np.array([-largest, -1e4, -100, 100, 1e4, largest], dtype)
    a = activation.value(z)
    assert a.dtype == dtype
    assert np.isfinite(a).all()
    assert np.isfinite(activation.derivative(z, a)).all()


def test_gelu_is_the_exact_one_to_less_than_a_thousandth() -> None:
    z = np.linspace(-8, 8, 4001)
    exact = z * scipy.stats.norm.cdf(z)
    assert np.abs(Gelu().value(z) - exact).max() < 1e-3


def test_leaky_relu_of_the_slope_0_is_relu() -> None:
    leaky, relu = LeakyRelu(slope=0), Relu()
    assert np.array_equal(leaky.value(Z), relu.value(Z))
    assert np.array_equal(leaky.derivative(Z, leaky.value(Z)), relu.derivative(Z, relu.value(Z)))


@pytest.mark.parametrize("slope", [-0.1, 1.0, float("nan"), "steep"])
def test_a_slope_that_is_none_of_leaky_relu_is_refused(slope: object) -> None:
    with pytest.raises(ValueError, match=r"activation.slope: got .*, expected a number >= 0 and < 1"):
        Activation.named("leaky_relu", slope=slope)


@pytest.mark.parametrize("activation", [Elu(), Elu(alpha=2.0), Silu(), Softplus()], ids=repr)
def test_where_a_unit_is_saturated_its_derivative_is_small(activation: Activation) -> None:
    z = np.linspace(-20, -0.1, 200)
    a = activation.value(z)
    saturated = activation.saturated(a)
    assert 0 < saturated.sum() < len(z)
    assert np.abs(activation.derivative(z, a)[saturated]).max() < 0.01 * getattr(activation, "alpha", 1)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("inf")])
def test_an_alpha_that_is_none_of_elu_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match=r"activation.alpha: got .*, expected a number > 0"):
        Activation.named("elu", alpha=alpha)


@pytest.mark.parametrize("kind", sorted(OURS))
def test_an_activation_is_found_by_its_kind(kind: str) -> None:
    assert Activation.named(kind).kind == kind


def test_an_unknown_activation_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"activation: got 'step', expected one of .*relu, sigmoid, .*tanh"):
        Activation.named("step")


def test_the_derivative_of_relu_at_zero_is_zero() -> None:
    assert Relu().derivative(np.zeros(1), np.zeros(1)) == [0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_reaches_0_and_1_without_a_warning(dtype: str) -> None:
    assert sigmoid(np.array([-1000, 1000, -np.inf, np.inf], dtype)).tolist() == [0, 1, 0, 1]


def test_sigmoid_takes_integers() -> None:
    np.testing.assert_allclose(sigmoid(np.array([0, 1])), [0.5, 1 / (1 + math.exp(-1))], rtol=1e-15)


def test_sigmoid_keeps_float32() -> None:
    assert sigmoid(np.zeros(3, np.float32)).dtype == np.float32


@pytest.mark.parametrize("helper", [sigmoid, sigmoid_prime])
def test_the_articles_helpers_leave_their_argument_as_it_was(helper: Callable[[Any], Any]) -> None:
    z = Z.copy()
    helper(z)
    assert np.array_equal(z, Z)


def test_sigmoid_prime_is_the_derivative_of_sigmoid() -> None:
    # sigmoid(ln 3) = 3/4, and 3/4 * 1/4 = 3/16
    np.testing.assert_allclose(sigmoid_prime(np.array([0.0, math.log(3)])), [1 / 4, 3 / 16], rtol=1e-14)


def test_sigmoid_of_a_python_float_has_its_precision() -> None:
    assert float(sigmoid(0.3)) == pytest.approx(1 / (1 + math.exp(-0.3)), rel=1e-14)


@pytest.mark.parametrize(
    ("activation", "a", "saturated"),
    [
        (Sigmoid(), [0.0, 0.009, 0.011, 0.5, 0.989, 0.991, 1.0], [True, True, False, False, False, True, True]),
        (Tanh(), [-1.0, -0.981, -0.979, 0.0, 0.979, 0.981], [True, True, False, False, False, True]),
        (Relu(), [0.0, 1e-9, 50.0], [True, False, False]),
        (LeakyRelu(), [0.0, -1e-9, 50.0], [False, False, False]),
        (LeakyRelu(slope=0), [0.0, 1e-9, 50.0], [True, False, False]),
        (Gelu(), [-0.1, -0.009, 0.001, 50.0], [False, True, False, False]),
        (Silu(), [-0.1, -0.009, 0.001, 50.0], [False, True, False, False]),
        (Elu(alpha=2.0), [-2.0, -1.99, -1.97, 0.0, 50.0], [True, True, False, False, False]),
        (Softplus(), [0.0, 0.009, 0.011, 50.0], [True, True, False, False]),
        (Identity(), [0.0, -1e9, 50.0], [False, False, False]),
    ],
)
def test_a_unit_is_saturated_where_it_can_hardly_learn(
    activation: Activation, a: list[float], saturated: list[bool]
) -> None:
    assert activation.saturated(np.array(a)).tolist() == saturated


def test_tanh_is_saturated_where_a_sigmoid_of_twice_the_input_is() -> None:
    z = np.linspace(-4, 4, 1000)
    assert np.array_equal(Tanh().saturated(np.tanh(z)), Sigmoid().saturated(sigmoid(2 * z)))
