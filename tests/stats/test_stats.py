"""Comparing settings over seeds: the numbers, against hand-worked ones, published ones and scipy's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import comb, inf, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from nnexp.stats.anytime import critical, p_value
from nnexp.stats.difference import difference
from nnexp.stats.estimate import estimate
from nnexp.stats.holm import holm, weights
from nnexp.stats.mcnemar import mcnemar

# Student, The probable error of a mean, Biometrika 6 (1908): hours of sleep gained with two drugs, ten patients
DRUG_1 = dict(enumerate([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]))
DRUG_2 = dict(enumerate([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]))


def seeded(*results: float, first: int = 0) -> dict[int, float]:
    return dict(enumerate(results, first))


def other_seeds(results: Mapping[int, float]) -> dict[int, float]:
    return {seed + 100: result for seed, result in results.items()}


# One setting


def test_an_estimate_worked_by_hand() -> None:
    one = estimate([1.0, 2.0, 3.0])  # sd 1, standard error 1 / sqrt(3), t with 2 degrees of freedom 4.3027
    assert (one.n, one.mean, one.sd) == (3, 2.0, 1.0)
    assert [one.low, one.high] == pytest.approx([2 - 4.3027 / sqrt(3), 2 + 4.3027 / sqrt(3)], abs=1e-4)


def test_a_single_result_has_no_spread() -> None:
    one = estimate([0.97])
    assert (one.n, one.mean, one.sd, one.low, one.high) == (1, 0.97, None, None, None)


@pytest.mark.parametrize("values", [[], [0.9, nan], [inf]])
def test_an_estimate_refuses_what_is_no_result(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^values: got .*, expected at least one, all of them finite"):
        estimate(values)


# Two settings


def test_students_sleep_data_paired() -> None:
    seen = difference(DRUG_1, DRUG_2)
    assert (seen.n, seen.paired, seen.sizes) == (10, True, (10, 10))
    assert seen.mean == pytest.approx(-1.58)
    assert seen.effect == pytest.approx(-4.0621 / sqrt(10), abs=1e-5)
    assert seen.p == pytest.approx(p_value(4.0621, 10), rel=1e-4)


def test_without_shared_seeds_results_are_paired_in_the_order_of_seeds() -> None:
    paired, apart = difference(DRUG_1, DRUG_2), difference(DRUG_1, dict(reversed(other_seeds(DRUG_2).items())))
    assert apart == replace(paired, paired=False)


@pytest.mark.parametrize("n", [2, 3, 5, 20])
def test_t_is_that_of_scipys_paired_test(n: int) -> None:
    a, b = np.random.default_rng(n).normal(0.97, 0.002, (2, n))
    seen, t = difference(seeded(*a), seeded(*b)), stats.ttest_rel(a, b).statistic
    assert seen.effect == pytest.approx(t / sqrt(n), rel=1e-9)
    assert seen.p == pytest.approx(p_value(t, n), rel=1e-9)


def test_of_unequal_groups_the_first_seeds_are_paired() -> None:
    seen = difference({4: 0.4, 2: 0.2, 9: 0.9}, {12: 0.1, 11: 0.3})
    assert (seen.n, seen.sizes) == (2, (3, 2))
    assert seen.mean == pytest.approx(((0.2 - 0.3) + (0.4 - 0.1)) / 2)


def test_where_few_seeds_are_shared_those_make_pairs_and_what_is_left_over_too() -> None:
    seen = difference({0: 0.5, 1: 0.6, 2: 0.7, 5: 0.8, 7: 0.1}, {7: 0.4, 8: 0.1, 9: 0.3, 10: 0.3})
    assert (seen.n, seen.paired) == (4, False)  # 7 with 7, then 0 with 8, 1 with 9, 2 with 10
    assert seen.mean == pytest.approx((-0.3 + 0.4 + 0.3 + 0.4) / 4)


def test_pairs_are_made_of_the_shared_seeds_alone() -> None:
    seen = difference({0: 0.5, 1: 0.7, 2: 0.9, 3: 0.1}, {1: 0.6, 2: 0.7, 3: 0.1, 4: 0.9})
    assert (seen.n, seen.paired) == (3, True)
    assert seen.mean == pytest.approx(0.1)
    assert seen.sd == pytest.approx(0.1)
    assert seen.effect == pytest.approx(1.0)


@pytest.mark.parametrize(("shared", "paired"), [(0, False), (1, False), (2, False), (3, True), (5, True)])
def test_two_settings_are_paired_if_half_of_the_seeds_are_shared(shared: int, paired: bool) -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 5))
    assert difference(seeded(*a), seeded(*b, first=5 - shared)).paired is paired


def test_one_shared_seed_makes_no_pairs() -> None:
    assert not difference({0: 0.9, 1: 0.91}, {1: 0.9, 2: 0.92}).paired


def test_the_other_way_round_all_signs_turn() -> None:
    there, back = difference(DRUG_1, DRUG_2), difference(DRUG_2, DRUG_1)
    assert there.turned() == back


def test_rounding_adds_its_variance_to_pairs() -> None:
    seen = difference(seeded(3, 4, 5), seeded(1, 2, 3), step=1.0)  # variance 0 + 1 / 6, t = 2 / sqrt(1 / 18)
    assert seen.sd == 0.0
    assert seen.effect == pytest.approx(2 * sqrt(6))
    assert seen.p == pytest.approx(p_value(2 * sqrt(18), 3))


@pytest.mark.parametrize("first", [0, 9], ids=["paired", "groups"])
def test_without_any_spread_or_a_step_nothing_can_be_said(first: int) -> None:
    seen = difference(seeded(0.3, 0.3, 0.3), seeded(0.1, 0.1, 0.1, first=first))
    assert (seen.p, seen.sd, seen.effect) == (1.0, 0.0, None)


def test_the_noise_of_floating_point_is_no_spread() -> None:
    b = seeded(0.1, 0.2, 0.3, 0.7)
    seen = difference({seed: result + 0.1 for seed, result in b.items()}, b)
    assert (seen.p, seen.sd) == (1.0, 0.0)


@pytest.mark.parametrize("step", [0.0, 1e-4])
def test_identical_results_do_not_differ(step: float) -> None:
    seen = difference(seeded(0.1, 0.2, 0.7), seeded(0.1, 0.2, 0.7), step)
    assert (seen.p, seen.mean, seen.sd, seen.effect) == (1.0, 0.0, 0.0, 0.0)


def test_one_result_each_says_nothing() -> None:
    seen = difference({0: 0.9}, {0: 0.8})
    assert (seen.n, seen.p, seen.sd, seen.effect) == (1, 1.0, None, None)


@pytest.mark.parametrize("b", [{}, {0: nan}, {0: 0.9, 1: inf}])
def test_a_difference_refuses_what_is_no_result(b: dict[int, float]) -> None:
    with pytest.raises(ValueError, match=r"^results: got .*, expected one seed or more, all results finite"):
        difference({0: 0.9}, b)


# Intervals


def test_the_interval_reaches_as_far_as_t_may() -> None:
    reach = critical(10, 0.05) * 1.58 / 4.0621  # the standard error is mean / t
    assert difference(DRUG_1, DRUG_2).interval(0.05) == pytest.approx((-1.58 - reach, -1.58 + reach), abs=1e-3)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_mean_is_outside_just_if_the_differences_from_it_have_a_p_below_alpha(alpha: float) -> None:
    low, high = difference(DRUG_1, DRUG_2).interval(alpha) or (0, 0)
    for mean, inside in ((low - 1e-6, False), (low + 1e-6, True), (high - 1e-6, True), (high + 1e-6, False)):
        moved = {patient: hours + mean for patient, hours in DRUG_2.items()}
        assert (difference(DRUG_1, moved).p >= alpha) is inside


def test_the_interval_knows_of_rounding() -> None:
    low, high = difference(seeded(3, 3, 3, 3, 3), seeded(1, 1, 1, 1, 1), step=1.0).interval(0.05) or (0, 0)
    assert (low, high) == pytest.approx((2 - critical(5, 0.05) / sqrt(30), 2 + critical(5, 0.05) / sqrt(30)))


@pytest.mark.parametrize("b", [seeded(1, 2), seeded(1, 2, 3), seeded(3, 1, 2, first=9)], ids=["two", "same", "all"])
def test_there_is_no_interval_where_nothing_is_known(b: dict[int, float]) -> None:
    assert difference(seeded(1, 2, 3), b).interval(0.05 if len(b) < 3 or 0 in b else 0.005) is None


# Many comparisons


def test_holm_worked_by_hand() -> None:
    ps = [0.01, 0.04, 0.03, 0.005]  # 3 x 0.01; 1 x 0.04, but not below the one before; 2 x 0.03; 4 x 0.005
    assert holm(ps) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_what_holm_divides_by_stops_where_it_stops_claiming() -> None:
    ps = [0.01, 0.04, 0.03, 0.005]  # 0.03 is not below 0.05 / 2: it, and what is larger, is held against that
    assert weights(ps, 0.05) == [3, 2, 2, 4]


def test_an_adjusted_p_is_below_alpha_just_where_p_is_below_alpha_by_the_weight() -> None:
    for ps in np.random.default_rng(0).random((200, 6)) ** 4:
        by_weight = [p < 0.05 / weight for p, weight in zip(ps, weights(ps, 0.05), strict=True)]
        assert by_weight == [p < 0.05 for p in holm(ps)]


def test_a_corrected_p_is_at_most_one() -> None:
    assert holm([0.7, 0.6, 1.0]) == [1.0, 1.0, 1.0]


def test_one_comparison_needs_no_correction_and_none_gives_none() -> None:
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_holm_lies_between_no_correction_and_bonferronis() -> None:
    ps = np.random.default_rng(0).random(50) ** 4
    assert (ps <= holm(ps)).all()
    assert (np.array(holm(ps)) <= np.minimum(50 * ps, 1)).all()


# The same images


def test_mcnemar_worked_by_hand() -> None:
    a = np.array([1, 1, 1, 1, 1, 0, 1, 0], dtype=bool)
    b = np.array([0, 0, 0, 0, 0, 1, 1, 0], dtype=bool)
    seen = mcnemar(a, b)
    assert (seen.only_a, seen.only_b) == (5, 1)
    assert seen.p == pytest.approx(2 * (1 + 6) / 2**6)


def test_mcnemar_on_a_textbooks_table() -> None:
    """Agresti, Categorical Data Analysis, table 10.1: approval of a prime minister, 150 and 86 changed their minds."""
    first = np.repeat([True, True, False, False], [794, 150, 86, 570])
    second = np.repeat([True, False, True, False], [794, 150, 86, 570])
    seen = mcnemar(first, second)
    assert (seen.only_a, seen.only_b) == (150, 86)
    assert seen.p == pytest.approx(2 * sum(comb(236, k) for k in range(87)) / 2**236)


def test_networks_right_on_the_same_images_do_not_differ() -> None:
    right = np.array([True, False])
    assert mcnemar(right, right).p == 1.0


def test_mcnemar_refuses_other_images() -> None:
    with pytest.raises(ValueError, match=r"got shapes \(3,\) and \(4,\), expected \(images,\) twice"):
        mcnemar(np.ones(3, dtype=bool), np.ones(4, dtype=bool))


# Another library's answers.


def test_holm_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    ps = np.random.default_rng(0).uniform(0, 0.2, 20)
    np.testing.assert_allclose(holm(list(ps)), multipletests(ps, method="holm")[1], rtol=1e-12)


def test_mcnemar_is_that_of_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import mcnemar as exact

    a, b = np.random.default_rng(0).random((2, 100)) < 0.7
    seen = mcnemar(a, b)
    assert seen.p == pytest.approx(exact([[0, seen.only_a], [seen.only_b, 0]], exact=True).pvalue)
