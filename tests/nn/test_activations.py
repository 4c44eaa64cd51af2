"""Activations against closed forms and finite differences."""

import math

import numpy as np
import pytest

from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.sigmoid import Sigmoid, sigmoid, sigmoid_prime
from nnexp.nn.activations.tanh import Tanh

Z = np.array([[-3.0, -0.5, 0.25], [1.0, 2.0, 4.0]])


def applied(activation, z):
    out = np.empty_like(z)
    activation.apply(z, out)
    return out


@pytest.mark.parametrize(
    ("activation", "closed_form"),
    [(Sigmoid(), lambda z: 1 / (1 + math.exp(-z))), (Tanh(), math.tanh), (Relu(), lambda z: max(0.0, z))],
)
def test_the_rule_is_its_closed_form(activation, closed_form):
    np.testing.assert_allclose(applied(activation, Z), np.vectorize(closed_form)(Z), rtol=1e-14)


@pytest.mark.parametrize("kind", Activation.kinds())
def test_the_derivative_is_that_of_finite_differences(kind):
    activation, h = Activation.named(kind), 1e-6
    out = np.empty_like(Z)
    activation.prime(applied(activation, Z), out)
    differences = (applied(activation, Z + h) - applied(activation, Z - h)) / (2 * h)
    np.testing.assert_allclose(out, differences, rtol=1e-8)


@pytest.mark.parametrize("kind", Activation.kinds())
def test_a_rule_can_write_over_its_input(kind):
    activation, z = Activation.named(kind), Z.copy()
    activation.apply(z, z)
    assert np.array_equal(z, applied(activation, Z))


@pytest.mark.parametrize("kind", Activation.kinds())
def test_the_derivative_leaves_the_activation_as_it_was(kind):
    activation = Activation.named(kind)
    a = applied(activation, Z)
    activation.prime(a, np.empty_like(a))
    assert np.array_equal(a, applied(activation, Z))


@pytest.mark.parametrize("kind", Activation.kinds())
def test_float32_is_float64_rounded(kind):
    activation = Activation.named(kind)
    np.testing.assert_allclose(applied(activation, Z.astype(np.float32)), applied(activation, Z), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "relu"])
def test_an_activation_is_found_by_its_kind(kind):
    assert Activation.named(kind).kind == kind


def test_an_unknown_activation_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="activation: got 'step', expected one of relu, sigmoid, tanh"):
        Activation.named("step")


def test_the_derivative_of_relu_at_zero_is_zero():
    out = np.empty(1)
    Relu().prime(np.zeros(1), out)
    assert out[0] == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_reaches_0_and_1_without_a_warning(dtype):
    assert sigmoid(np.array([-1000, 1000, -np.inf, np.inf], dtype)).tolist() == [0, 1, 0, 1]


def test_sigmoid_takes_integers():
    np.testing.assert_allclose(sigmoid(np.array([0, 1])), [0.5, 1 / (1 + math.exp(-1))], rtol=1e-15)


def test_sigmoid_keeps_float32():
    assert sigmoid(np.zeros(3, np.float32)).dtype == np.float32


@pytest.mark.parametrize("helper", [sigmoid, sigmoid_prime])
def test_the_articles_helpers_leave_their_argument_as_it_was(helper):
    z = Z.copy()
    helper(z)
    assert np.array_equal(z, Z)


def test_sigmoid_prime_is_the_derivative_of_sigmoid():
    # sigmoid(ln 3) = 3/4, and 3/4 * 1/4 = 3/16
    np.testing.assert_allclose(sigmoid_prime(np.array([0.0, math.log(3)])), [1 / 4, 3 / 16], rtol=1e-14)


def test_sigmoid_of_a_python_float_has_its_precision():
    assert float(sigmoid(0.3)) == pytest.approx(1 / (1 + math.exp(-0.3)), rel=1e-14)


@pytest.mark.parametrize(
    ("activation", "a", "saturated"),
    [
        (Sigmoid(), [0.0, 0.009, 0.011, 0.5, 0.989, 0.991, 1.0], [True, True, False, False, False, True, True]),
        (Tanh(), [-1.0, -0.981, -0.979, 0.0, 0.979, 0.981], [True, True, False, False, False, True]),
        (Relu(), [0.0, 1e-9, 50.0], [True, False, False]),
    ],
)
def test_a_unit_is_saturated_where_it_can_hardly_learn(activation, a, saturated):
    assert activation.saturated(np.array(a)).tolist() == saturated


def test_tanh_is_saturated_where_a_sigmoid_of_twice_the_input_is():
    z = np.linspace(-4, 4, 1000)
    assert np.array_equal(Tanh().saturated(np.tanh(z)), Sigmoid().saturated(sigmoid(2 * z)))
