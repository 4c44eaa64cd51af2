"""Costs against closed forms and finite differences. Here a row is an example."""

import math

import numpy as np
import pytest

from nnexp.nn.activations.sigmoid import sigmoid
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.quadratic import Quadratic

Z = np.array([[-2.0, 0.5], [1.0, -0.25], [3.0, 0.0]])
Y = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.5]])


def delta(cost, a, y):
    out = np.empty_like(a)
    cost.delta(a, y, out)
    return out


def test_the_quadratic_cost_is_half_the_squared_distance():
    # sigmoid(ln 3) = 3/4, sigmoid(0) = 1/2: ((3/4 - 1)^2 + (1/2 - 0)^2) / 2 = (1/16 + 4/16) / 2
    assert Quadratic().total(np.array([[math.log(3), 0.0]]), np.array([[1.0, 0.0]])) == pytest.approx(5 / 32, rel=1e-14)


def test_the_cross_entropy_is_minus_the_logarithm_of_what_was_given_to_the_target():
    # -ln(3/4) for the unit that should be 1, -ln(1 - 1/2) for the one that should be 0
    got = CrossEntropy().total(np.array([[math.log(3), 0.0]]), np.array([[1.0, 0.0]]))
    assert got == pytest.approx(math.log(4 / 3) + math.log(2), rel=1e-14)


def test_the_cross_entropy_of_targets_between_0_and_1_is_its_closed_form():
    a = sigmoid(Z)
    assert CrossEntropy().total(Z, Y) == pytest.approx(-np.sum(Y * np.log(a) + (1 - Y) * np.log(1 - a)), rel=1e-14)


@pytest.mark.parametrize("kind", Cost.kinds())
def test_the_total_is_the_sum_over_examples(kind):
    cost = Cost.named(kind)
    one_by_one = [cost.total(Z[[i]], Y[[i]]) for i in range(3)]
    assert cost.total(Z, Y) == pytest.approx(sum(one_by_one), rel=1e-14)


@pytest.mark.parametrize(("z", "y", "expected"), [(1000, 0, 1000), (1000, 1, 0), (-1000, 0, 0), (-1000, 1, 1000)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cross_entropy_stays_finite_far_out(z, y, expected, dtype):
    # max(z, 0) - z y + ln(1 + exp(-1000)), of which the last is 0 to any float
    assert CrossEntropy().total(np.array([[z]], dtype), np.array([[y]], dtype)) == expected


@pytest.mark.parametrize("kind", Cost.kinds())
def test_delta_is_the_total_derived_by_z(kind):
    cost, h = Cost.named(kind), 1e-6
    differences = np.empty_like(Z)
    for i in np.ndindex(Z.shape):
        step = np.zeros_like(Z)
        step[i] = h
        differences[i] = (cost.total(Z + step, Y) - cost.total(Z - step, Y)) / (2 * h)
    np.testing.assert_allclose(delta(cost, sigmoid(Z), Y), differences, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", Cost.kinds())
def test_delta_is_derivative_times_the_derivative_of_sigmoid(kind):
    cost, a = Cost.named(kind), sigmoid(Z)
    np.testing.assert_allclose(delta(cost, a, Y), cost.derivative(a, Y) * a * (1 - a), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("kind", Cost.kinds())
def test_delta_leaves_activations_and_targets_as_they_were(kind):
    a, y = sigmoid(Z), Y.copy()
    delta(Cost.named(kind), a, y)
    assert np.array_equal(a, sigmoid(Z))
    assert np.array_equal(y, Y)


def test_the_quadratic_error_of_a_saturated_unit_is_0_however_wrong_it_is():
    assert delta(Quadratic(), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])).tolist() == [[0, 0]]


def test_the_cross_entropy_error_of_a_saturated_unit_is_how_wrong_it_is():
    assert delta(CrossEntropy(), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])).tolist() == [[1, -1]]


def test_the_cross_entropy_derivative_of_a_perfect_output_is_finite():
    # C = -ln(1 - a) at a = 0 has the slope 1, C = -ln a at a = 1 has the slope -1
    assert CrossEntropy().derivative(np.array([0.0, 1.0]), np.array([0.0, 1.0])).tolist() == [1, -1]


def test_an_unknown_cost_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="cost: got 'hinge', expected one of cross_entropy, quadratic"):
        Cost.named("hinge")
