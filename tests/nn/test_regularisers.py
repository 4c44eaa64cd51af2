"""Regularisers: penalties and steps worked by hand, and that the step is the penalty's derivative."""

from __future__ import annotations

import numpy as np
import pytest

from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.elastic import Elastic
from nnexp.nn.regularisers.l1 import L1
from nnexp.nn.regularisers.l2 import L2
from nnexp.nn.regularisers.max_norm import MaxNorm
from nnexp.nn.regularisers.none import NoRegulariser

WEIGHTS = [np.array([[1.0, 2.0], [-3.0, 0.5]]), np.array([[2.0, -1.0]])]


def test_the_l2_penalty_is_the_one_worked_by_hand() -> None:
    # 1 + 4 + 9 + 1/4 + 4 + 1 = 19.25, times 0.5 / (2 * 10)
    assert L2(lmbda=0.5).penalty(WEIGHTS, 10) == 19.25 * 0.5 / 20


def test_the_l2_penalty_of_float32_weights_is_summed_in_float64() -> None:
    many = np.full((1000, 1000), 0.1, np.float32)
    assert L2(lmbda=2.0).penalty([many], 1) == pytest.approx(10**6 * float(np.float32(0.1)) ** 2, rel=1e-13)


def test_l2_shrinks_weights_by_the_books_factor() -> None:
    assert L2(lmbda=5.0).shrink(0.5, 100) == 1 - 0.5 * 5 / 100


def test_without_a_regulariser_nothing_shrinks_and_nothing_is_added() -> None:
    none = NoRegulariser()
    assert (none.shrink(0.5, 100), none.slope(np.ones(3), 100), none.penalty(WEIGHTS, 100)) == (1, 0, 0)


@pytest.mark.parametrize(
    "regulariser",
    [NoRegulariser(), L2(lmbda=0.7), L1(lmbda=0.7), Elastic(lmbda=0.7, l1_ratio=0.25), MaxNorm()],
    ids=repr,
)
def test_shrink_and_slope_together_are_the_penaltys_derivative(regulariser: Regulariser) -> None:
    h, eta, n = 1e-6, 0.3, 10
    for w in (-2.0, 0.5, 3.0):
        higher, lower = (regulariser.penalty([np.array([[w + step]])], n) for step in (h, -h))
        of_step = w * (1 - regulariser.shrink(eta, n)) / eta + regulariser.slope(w, n)
        assert of_step == pytest.approx((higher - lower) / (2 * h), abs=1e-9)


@pytest.mark.parametrize("lmbda", [-0.1, float("inf"), "much"])
def test_a_lmbda_that_makes_no_sense_is_refused(lmbda: object) -> None:
    with pytest.raises(ValueError, match=r"regulariser.lmbda: got .*, expected a number >= 0"):
        Regulariser.named("l2", lmbda=lmbda)


# In a network.


def network(**choices: Regulariser) -> Network:
    return Network([2, 2, 1], dtype="float64", rng=0, **choices)


def examples(n: int) -> Examples:
    rng = np.random.default_rng(0)
    return Examples(rng.standard_normal((n, 2)), rng.random((n, 1)))


def test_an_l2_step_shrinks_the_weights_and_goes_as_far_as_without() -> None:
    plain, l2 = network(), network(regulariser=L2(lmbda=0.5))
    for each in (plain, l2):
        each.train_epoch(examples(4), np.arange(4), 4, 0.2)
    start, shrink = network(), 1 - 0.2 * 0.5 / 4
    for ours, theirs, first in zip(l2.weights, plain.weights, start.weights, strict=True):
        np.testing.assert_allclose(ours, shrink * first + (theirs - first), rtol=1e-13)


def test_biases_are_not_shrunk() -> None:
    plain, l2 = network(), network(regulariser=L2(lmbda=0.5))
    for each in (plain, l2):
        each.train_epoch(examples(4), np.arange(4), 4, 0.2)
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(l2.biases, plain.biases, strict=True))


def test_the_cost_of_an_epoch_has_the_penalty_of_the_weights_at_its_end() -> None:
    plain, l2, data = network(), network(regulariser=L2(lmbda=0.5)), examples(6)
    cost, whole = (each.train_epoch(data, np.arange(6), 6, 0.2) for each in (plain, l2))
    assert whole == pytest.approx(cost + L2(lmbda=0.5).penalty(l2.weights, 6), rel=1e-14)


def test_n_is_how_many_examples_there_are_however_few_an_epoch_takes() -> None:
    l2, data = network(regulariser=L2(lmbda=0.5)), examples(6)
    plain = network()
    cost, whole = (each.train_epoch(data, np.arange(2), 2, 0.2) for each in (plain, l2))
    assert whole == pytest.approx(cost + L2(lmbda=0.5).penalty(l2.weights, 6), rel=1e-14)


def test_more_penalty_gives_smaller_weights() -> None:
    norms = []
    for lmbda in (0.0, 0.1, 1.0):
        net = network(regulariser=L2(lmbda=lmbda))
        for _ in range(20):
            net.train_epoch(examples(10), np.arange(10), 5, 0.5)
        norms.append(sum(float(np.sum(w**2)) for w in net.weights))
    assert norms == sorted(norms, reverse=True)
    assert norms[0] > norms[2]


def test_lmbda_0_trains_bit_for_bit_as_without() -> None:
    none, l2 = network(), network(regulariser=L2(lmbda=0.0))
    costs = [each.train_epoch(examples(6), np.arange(6), 4, 0.2) for each in (none, l2)]
    assert none.fingerprint() == l2.fingerprint()
    assert costs[0] == costs[1]
