"""Costs against closed forms and finite differences. Here a row is an example."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss

from nnexp.nn.activations.sigmoid import sigmoid
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.log_likelihood import LogLikelihood
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.costs.softmax import Softmax
from nnexp.nn.network import Network

Z = np.array([[-2.0, 0.5], [1.0, -0.25], [3.0, 0.0]])
Y = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]])


OURS = sorted(["quadratic", "cross_entropy", "log_likelihood"])
SMOOTHED: list[Cost] = [CrossEntropy(smoothing=0.2), LogLikelihood(smoothing=0.2)]


def delta(cost: Cost, z: Array, y: Array) -> Array:
    return np.asarray(cost.delta(z, cost.outputs.value(z), y))


def test_the_quadratic_cost_is_half_the_squared_distance() -> None:
    # sigmoid(ln 3) = 3/4, sigmoid(0) = 1/2: ((3/4 - 1)^2 + (1/2 - 0)^2) / 2 = (1/16 + 4/16) / 2
    assert Quadratic().total(np.array([[math.log(3), 0.0]]), np.array([[1.0, 0.0]])) == pytest.approx(5 / 32, rel=1e-14)


def test_the_cross_entropy_is_minus_the_logarithm_of_what_was_given_to_the_target() -> None:
    # -ln(3/4) for the unit that should be 1, -ln(1 - 1/2) for the one that should be 0
    got = CrossEntropy().total(np.array([[math.log(3), 0.0]]), np.array([[1.0, 0.0]]))
    assert got == pytest.approx(math.log(4 / 3) + math.log(2), rel=1e-14)


def test_the_cross_entropy_of_targets_between_0_and_1_is_its_closed_form() -> None:
    a = sigmoid(Z)
    assert CrossEntropy().total(Z, Y) == pytest.approx(-np.sum(Y * np.log(a) + (1 - Y) * np.log(1 - a)), rel=1e-14)


@pytest.mark.parametrize("kind", OURS)
def test_the_total_is_the_sum_over_examples(kind: str) -> None:
    cost = Cost.named(kind)
    one_by_one = [cost.total(Z[[i]], Y[[i]]) for i in range(3)]
    assert cost.total(Z, Y) == pytest.approx(sum(one_by_one), rel=1e-14)


@pytest.mark.parametrize(("z", "y", "expected"), [(1000, 0, 1000), (1000, 1, 0), (-1000, 0, 0), (-1000, 1, 1000)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cross_entropy_stays_finite_far_out(z: float, y: float, expected: float, dtype: str) -> None:
    # max(z, 0) - z y + ln(1 + exp(-1000)), of which the last is 0 to any float
    assert CrossEntropy().total(np.array([[z]], dtype), np.array([[y]], dtype)) == expected


@pytest.mark.parametrize("cost", [*map(Cost.named, OURS), *SMOOTHED], ids=repr)
def test_delta_is_the_total_derived_by_z(cost: Cost) -> None:
    h = 1e-6
    differences = np.empty_like(Z)
    for i in np.ndindex(Z.shape):
        step = np.zeros_like(Z)
        step[i] = h
        differences[i] = (cost.total(Z + step, Y) - cost.total(Z - step, Y)) / (2 * h)
    np.testing.assert_allclose(delta(cost, Z, Y), differences, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", ["quadratic", "cross_entropy"])
def test_delta_is_derivative_times_the_derivative_of_sigmoid(kind: str) -> None:
    cost, a = Cost.named(kind), sigmoid(Z)
    np.testing.assert_allclose(delta(cost, Z, Y), cost.derivative(a, Y) * a * (1 - a), rtol=1e-13, atol=1e-16)


def test_delta_is_derivative_times_the_derivatives_of_softmax() -> None:
    cost, z, y = LogLikelihood(), np.array([[0.5, -1.0, 2.0]]), np.array([[0.25, 0.75, 0.0]])
    a = Softmax().value(z)[0]
    jacobian = np.diag(a) - np.outer(a, a)  # da_i/dz_j = a_i (1 if i = j else 0) - a_i a_j
    np.testing.assert_allclose(delta(cost, z, y)[0], cost.derivative(a, y[0]) @ jacobian, rtol=1e-13)


def test_the_quadratic_error_of_a_saturated_unit_is_0_however_wrong_it_is() -> None:
    assert delta(Quadratic(), np.array([[1000.0, -1000.0]]), np.array([[0.0, 1.0]])).tolist() == [[0, 0]]


@pytest.mark.parametrize("cost", [CrossEntropy(), LogLikelihood()])
def test_the_error_of_a_saturated_unit_is_how_wrong_it_is(cost: Cost) -> None:
    assert delta(cost, np.array([[1000.0, -1000.0]]), np.array([[0.0, 1.0]])).tolist() == [[1, -1]]


def test_the_cross_entropy_derivative_of_a_perfect_output_is_finite() -> None:
    # C = -ln(1 - a) at a = 0 has the slope 1, C = -ln a at a = 1 has the slope -1
    assert CrossEntropy().derivative(np.array([0.0, 1.0]), np.array([0.0, 1.0])).tolist() == [1, -1]


def test_the_log_likelihood_is_minus_the_logarithm_of_the_probability_of_the_label() -> None:
    # exp(ln 6, ln 3, 0) = 6, 3, 1: probabilities of 0.6, 0.3 and 0.1
    got = LogLikelihood().total(np.array([[math.log(6), math.log(3), 0.0]]), np.array([[0.0, 1.0, 0.0]]))
    assert got == pytest.approx(-math.log(0.3), rel=1e-14)


def test_the_log_likelihood_is_that_of_scikit_learn() -> None:
    z, labels = np.random.default_rng(0).normal(size=(20, 4)) * 3, np.arange(20) % 4
    expected = log_loss(labels, Softmax().value(z), normalize=False, labels=range(4))
    assert LogLikelihood().total(z, np.eye(4)[labels]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("label", "expected"), [(0, 0), (1, 2000)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_log_likelihood_stays_finite_far_out(label: int, expected: float, dtype: str) -> None:
    z = np.array([[1000.0, -1000.0]], dtype)
    assert LogLikelihood().total(z, np.eye(2, dtype=dtype)[[label]]) == expected


def test_the_log_likelihood_derivative_is_minus_one_over_the_probability_of_the_label() -> None:
    assert LogLikelihood().derivative(np.array([0.2, 0.8]), np.array([1.0, 0.0])).tolist() == [-5, 0]


def test_softmax_shares_1_out_by_the_exponentials_of_its_inputs() -> None:
    a = Softmax().value(np.array([[math.log(6), math.log(3), 0.0], [5.0, 5.0, 5.0]]))
    np.testing.assert_allclose(a, [[0.6, 0.3, 0.1], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-14)


def test_softmax_is_unchanged_by_what_is_added_to_all_units_of_an_example() -> None:
    z = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    np.testing.assert_allclose(Softmax().value(z + np.array([[700.0], [-900.0]])), Softmax().value(z), rtol=1e-12)


@pytest.mark.parametrize("kind", OURS)
def test_output_units_are_saturated_at_either_end(kind: str) -> None:
    saturated = Cost.named(kind).outputs.saturated(np.array([[0.001, 0.02, 0.979], [0.0, 0.0, 1.0]]))
    assert saturated.tolist() == [[True, False, False], [True, True, True]]


def test_an_unknown_cost_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"cost: got 'hinge', expected one of cross_entropy, .*quadratic"):
        Cost.named("hinge")


def test_a_smoothed_cross_entropy_asks_each_output_for_a_little_doubt() -> None:
    # the targets 1 and 0 become 0.9 and 0.1: -(0.9 ln a + 0.1 ln(1 - a)) - (0.1 ln b + 0.9 ln(1 - b))
    a, b = 3 / 4, 1 / 2
    expected = -0.9 * math.log(a) - 0.1 * math.log(1 - a) - 0.1 * math.log(b) - 0.9 * math.log(1 - b)
    got = CrossEntropy(smoothing=0.2).total(np.array([[math.log(3), 0.0]]), np.array([[1.0, 0.0]]))
    assert got == pytest.approx(expected, rel=1e-14)


def test_a_smoothed_log_likelihood_spreads_a_share_over_all_classes() -> None:
    # of 0.3 a third goes to each of three classes: the targets 0, 1, 0 become 0.1, 0.8, 0.1
    z, y = np.array([[math.log(6), math.log(3), 0.0]]), np.array([[0.0, 1.0, 0.0]])
    expected = -0.1 * math.log(0.6) - 0.8 * math.log(0.3) - 0.1 * math.log(0.1)
    assert LogLikelihood(smoothing=0.3).total(z, y) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(delta(LogLikelihood(smoothing=0.3), z, y), [[0.5, -0.5, 0.0]], atol=1e-15)


@pytest.mark.parametrize("cost", SMOOTHED, ids=repr)
def test_the_values_of_outputs_add_up_to_the_total(cost: Cost) -> None:
    assert np.sum(cost.value(Z, cost.outputs.value(Z), Y)) == pytest.approx(cost.total(Z, Y), rel=1e-14)


@pytest.mark.parametrize("cost", [*map(Cost.named, OURS), *SMOOTHED], ids=repr)
def test_no_outputs_cost_less_than_the_least(cost: Cost) -> None:
    y = np.array([[0.0, 1.0]])
    least = cost.least(y)
    costs = [cost.total(np.array([[-z, z]]), y) for z in np.linspace(0, 20, 20001)]
    assert min(costs) == pytest.approx(least, abs=1e-7)
    assert min(costs) >= least - 1e-12


def test_the_derivative_of_a_smoothed_cost_is_that_of_columns_too() -> None:
    # the targets (0, 1) become (0.1, 0.9): -y/a = -0.1/0.2, -0.9/0.8
    network = Network([2, 2], cost=LogLikelihood(smoothing=0.2), rng=0)
    got = network.cost_derivative(np.array([[0.2], [0.8]]), np.array([[0.0], [1.0]]))
    np.testing.assert_allclose(got, [[-0.5], [-1.125]], rtol=1e-14)


@pytest.mark.parametrize("kind", ["cross_entropy", "log_likelihood"])
@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_a_smoothing_that_is_none_is_refused(kind: str, smoothing: float) -> None:
    with pytest.raises(ValueError, match=r"cost.smoothing: got .*, expected a number >= 0 and < 1"):
        Cost.named(kind, smoothing=smoothing)
