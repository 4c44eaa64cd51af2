"""The learning-rate range test: a table whose cost is known, and networks that train."""

from __future__ import annotations

import numpy as np
import pytest

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.errors import UsageError
from nnexp.nn.activations.relu import Relu
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.network import Network
from nnexp.nn.optimisers.adam import Adam
from nnexp.train.range_test import RangeTest, range_test

RATES = [10.0**power for power in range(-6, 4)]


def table(*costs: float, exploded: bool = False) -> RangeTest:
    return RangeTest(RATES[: len(costs)], costs, 100, exploded)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def test_a_smoothed_cost_is_the_geometric_mean_of_five() -> None:
    assert table(1, 10, 100, 1000, 10000, 1, 1).smoothed[2] == pytest.approx(100)


def test_suggested_is_a_fifth_of_the_rate_with_the_lowest_cost() -> None:
    test = table(8, 8, 8, 4, 2, 1, 1, 1, 8, 64)
    assert test.suggested == pytest.approx(RATES[test.lowest] / 5)


def test_the_cost_has_risen_where_it_is_half_as_high_again() -> None:
    test = table(8, 8, 8, 4, 2, 1, 1, 1, 8, 64)
    at = next(at for at in range(test.lowest, 10) if test.smoothed[at] > 1.5 * test.smoothed[test.lowest])
    assert test.risen_at == RATES[at]


@pytest.mark.parametrize(
    ("test", "end"),
    [
        (table(8, 4, 1, 1, 1), ""),
        (table(8, 1, 1, 64, 64, exploded=True), "ended at 0.01, where the cost is more than 4 times its lowest"),
        (table(8, 4, 1, 1, 1, exploded=True), "ended at 0.01, where a number is not finite any more"),
    ],
)
def test_where_and_why_it_ended_is_told(test: RangeTest, end: str) -> None:
    assert test.end == end


def test_a_cost_that_never_rises_suggests_nothing() -> None:
    assert table(8, 4, 2, 1, 1, 1).suggested is None


def test_a_cost_that_only_rises_suggests_nothing() -> None:
    test = table(1, 1, 1, 1, 4, 16, 64)
    assert test.risen_at is not None
    assert test.suggested is None


def test_a_test_that_exploded_has_risen_at_its_last_rate() -> None:
    assert table(8, 4, 2, 1, 1, 1, exploded=True).risen_at == RATES[5]


@pytest.mark.parametrize(
    ("choices", "least", "most"),
    [
        ({}, 1.0, 9.0),
        ({"activation": Relu(), "cost": CrossEntropy()}, 0.02, 0.3),
        ({"activation": Relu(), "cost": CrossEntropy(), "optimiser": Adam()}, 0.0005, 0.02),
    ],
    ids=["sigmoid, quadratic", "relu, cross-entropy", "adam"],
)
def test_the_suggestion_is_near_the_rate_that_is_known_to_be_good(
    digits: Dataset, choices: dict[str, object], least: float, most: float
) -> None:
    network = Network([64, 30, 10], rng=0, **choices)  # type: ignore[arg-type]
    suggested = range_test(network, digits.train, 10, 0, 1e-5, 100).suggested
    assert suggested is not None
    assert least <= suggested <= most


def test_the_test_ends_when_the_cost_explodes(digits: Dataset) -> None:
    network = Network([64, 10, 10], activation=Relu(), cost=CrossEntropy(), rng=0)
    test = range_test(network, digits.train, 10, 0, 1e-3, 1e9)
    assert test.exploded
    assert test.rates[-1] < 1e9
    assert test.steps < 1000


def test_the_rates_grow_by_the_same_share(digits: Dataset) -> None:
    rates = range_test(Network([64, 4, 10], rng=0), digits.train, 10, 0, 1e-3, 1e-1, steps=50).rates
    np.testing.assert_allclose(np.diff(np.log10(rates)), 2 / 49)


def test_as_many_steps_are_made_as_were_asked_for_over_several_epochs(digits: Dataset) -> None:
    network = Network([64, 4, 10], rng=0, optimiser=Adam())
    test = range_test(network, digits.train, 100, 0, 1e-5, 1e-4, steps=123)
    assert (test.steps, network.steps[0]) == (123, 123)


def test_a_first_rate_that_is_too_high_is_refused(digits: Dataset) -> None:
    network = Network([64, 10, 10], activation=Relu(), rng=0)
    with pytest.raises(UsageError, match="--from: got 1e"):
        range_test(network, digits.train, 10, 0, 1e36, 1e38)
