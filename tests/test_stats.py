"""Comparing settings over seeds: the numbers, against hand-worked ones, published ones and scipy's."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import comb, inf, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from nnexp.stats.anova import shares
from nnexp.stats.difference import difference
from nnexp.stats.estimate import estimate
from nnexp.stats.importance import importance
from nnexp.stats.interval import interval
from nnexp.stats.many import holm, weights
from nnexp.stats.mcnemar import mcnemar
from nnexp.stats.power import power_of, seeds_needed
from nnexp.stats.verdict import Verdict, verdicts

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
    assert seen.p == pytest.approx(0.002833, abs=5e-7)


def test_students_sleep_data_as_two_groups() -> None:
    seen = difference(DRUG_1, other_seeds(DRUG_2))
    assert (seen.n, seen.paired, seen.sizes) == (10, False, (10, 10))
    assert seen.mean == pytest.approx(-1.58)
    assert seen.p == pytest.approx(0.07939, abs=5e-6)


@pytest.mark.parametrize("n", [2, 3, 5, 20])
def test_with_shared_seeds_p_is_scipys_paired_t_test(n: int) -> None:
    a, b = np.random.default_rng(n).normal(0.97, 0.002, (2, n))
    assert difference(seeded(*a), seeded(*b)).p == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (3, 5), (5, 7), (20, 4)])
def test_with_other_seeds_p_is_scipys_welch_test(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    a, b = rng.normal(0.97, 0.002, n), rng.normal(0.971, 0.004, m)
    seen = difference(seeded(*a), seeded(*b, first=100))
    assert seen.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, rel=1e-9)
    assert (seen.n, seen.sizes) == (min(n, m), (n, m))


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


def test_hedges_g_worked_by_hand() -> None:
    seen = difference(seeded(1, 2, 3), seeded(3, 4, 5, first=9))  # sd 1 both, 4 degrees of freedom: 1 - 3 / 15
    assert seen.sd == pytest.approx(1.0)
    assert seen.effect == pytest.approx(-2 * 0.8)


def test_the_other_way_round_all_signs_turn() -> None:
    there, back = difference(DRUG_1, DRUG_2), difference(DRUG_2, DRUG_1)
    assert there.turned() == back
    assert (there.turned().low, there.turned().high) == (back.low, back.high)


def test_rounding_adds_its_variance_to_pairs() -> None:
    seen = difference(seeded(3, 4, 5), seeded(1, 2, 3), step=1.0)  # variance 0 + 1 / 6, t = 2 / sqrt(1 / 18)
    assert seen.sd == 0.0
    assert seen.effect == pytest.approx(2 * sqrt(6))
    assert seen.p == pytest.approx(2 * stats.t.sf(2 * sqrt(18), 2))


def test_rounding_adds_its_variance_to_groups() -> None:
    seen = difference(seeded(3, 3, 3), seeded(1, 1, 1, first=9), step=1.0)  # 1 / 12 each, t = 2 / sqrt(1 / 18)
    assert seen.effect == pytest.approx(0.8 * 2 * sqrt(12))
    assert seen.p == pytest.approx(2 * stats.t.sf(2 * sqrt(18), 4))


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
    assert (seen.n, seen.p, seen.sd, seen.effect, seen.low, seen.high) == (1, 1.0, None, None, None, None)


@pytest.mark.parametrize("b", [{}, {0: nan}, {0: 0.9, 1: inf}])
def test_a_difference_refuses_what_is_no_result(b: dict[int, float]) -> None:
    with pytest.raises(ValueError, match=r"^results: got .*, expected one seed or more, all results finite"):
        difference({0: 0.9}, b)


# Intervals


def test_with_many_results_the_bootstrap_interval_is_the_t_interval() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 400))
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert interval(a, b, paired=True) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_with_many_results_the_interval_of_groups_is_welchs() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=400), rng.normal(scale=3, size=500)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert interval(a, b, paired=False) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_the_interval_is_the_same_each_time() -> None:
    one, again = difference(DRUG_1, DRUG_2), difference(DRUG_1, DRUG_2)
    assert (one.low, one.high) == (again.low, again.high)


def test_the_interval_uses_the_pairs_that_the_test_uses() -> None:
    seen = difference({0: 99.0, 1: 2.0, 2: 3.0}, {1: 1.0, 2: 2.0, 3: -99.0})
    assert (seen.low, seen.high) == (1.0, 1.0)


def test_the_interval_knows_of_rounding() -> None:
    seen = difference(seeded(3, 3, 3, 3, 3), seeded(1, 1, 1, 1, 1), step=1.0)
    assert seen.low is not None
    assert seen.high is not None
    assert 1 < seen.low < 1.9
    assert 2.1 < seen.high < 3


def test_the_interval_of_five_pairs_holds_the_mean_in_nine_of_ten_cases() -> None:
    samples = np.random.default_rng(2).normal(size=(200, 5))
    held = [low <= 0 <= high for low, high in (interval(row, 0 * row, paired=True) for row in samples)]
    assert np.mean(held) > 0.88  # 0.92 in 1,000 cases; BCa without the correction: 0.84


# Many comparisons


def test_holm_worked_by_hand() -> None:
    ps = [0.01, 0.04, 0.03, 0.005]  # 3 x 0.01; 1 x 0.04, but not below the one before; 2 x 0.03; 4 x 0.005
    assert weights(ps) == [3, 1, 2, 4]
    assert holm(ps) == pytest.approx([0.03, 0.06, 0.06, 0.02])


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


# How many seeds


@pytest.mark.parametrize(
    ("effect", "paired", "n"),  # Cohen's small, medium and large effects, as in G*Power's tables
    [(0.2, True, 199), (0.5, True, 34), (0.8, True, 15), (0.2, False, 394), (0.5, False, 64), (0.8, False, 26)],
)
def test_published_sample_sizes(effect: float, paired: bool, n: int) -> None:
    assert seeds_needed(effect, paired=paired) == n
    assert seeds_needed(-effect, paired=paired) == n


def test_the_number_of_seeds_is_the_smallest_that_has_the_power() -> None:
    n = seeds_needed(0.7, alpha=0.005, power=0.9)
    assert n is not None
    assert power_of(0.7, n - 1, 0.005) < 0.9 <= power_of(0.7, n, 0.005)


def test_without_an_effect_the_power_is_alpha() -> None:
    assert power_of(0.0, 5, 0.03) == pytest.approx(0.03)


def test_a_tiny_effect_takes_more_seeds_than_are_tried() -> None:
    assert seeds_needed(0.09) == 971
    assert seeds_needed(0.08) is None
    assert seeds_needed(0.0) is None


@pytest.mark.parametrize("effect", [1e2, 1e3, 1e5, inf])
def test_a_huge_effect_takes_hardly_any(effect: float) -> None:
    n = seeds_needed(effect, alpha=1e-5)
    assert n is not None
    assert n <= 4


# Verdicts


def verdict(a: Mapping[int, float], b: Mapping[int, float], step: float = 0.0) -> Verdict:
    (one,) = verdicts({"relu": a, "tanh": b}, step)
    return one


FIVE = seeded(0.97, 0.972, 0.971, 0.969, 0.973)
BETTER = seeded(0.9720, 0.9742, 0.9731, 0.9709, 0.9752)  # by 0.20 0.22 0.21 0.19 0.22: mean 0.208, sd 0.013


def test_a_difference_that_is_told_in_words() -> None:
    assert verdict(BETTER, FIVE).sentence == "relu beats tanh by 0.21 ± 0.01 points (5 seeds, p < 0.001)"


def test_the_better_setting_is_named_first() -> None:
    one = verdict(FIVE, BETTER)
    assert (one.a, one.b) == ("tanh", "relu")
    assert one.difference.mean == pytest.approx(0.00208)
    assert one.sentence == "tanh beats relu by 0.21 ± 0.01 points (5 seeds, p < 0.001)"


def test_a_p_that_is_not_tiny_is_given() -> None:
    one = verdict(seeded(0.01, 0.02, 0.03), seeded(0, 0, 0))  # t = 2 sqrt(3), 2 degrees of freedom
    assert not one.told
    one = verdict(seeded(0.01, 0.02, 0.02, 0.03), seeded(0, 0, 0, 0))  # t = 4.90, 3 degrees of freedom
    assert one.sentence == "relu beats tanh by 2.00 ± 0.82 points (4 seeds, p = 0.016)"


def test_groups_say_how_many_seeds_each_has() -> None:
    a, b = other_seeds(BETTER) | {200: 0.97, 201: 0.98}, {seed: result - 0.02 for seed, result in FIVE.items()}
    assert "points (7 and 5 seeds, p" in verdict(a, b).sentence
    assert "points (5 and 7 seeds, p" in verdict(b, {seed: result - 0.1 for seed, result in a.items()}).sentence


def test_a_difference_in_the_noise_says_how_many_more_seeds_may_tell_it() -> None:
    a = seeded(0.01, -0.005, 0.008, 0.004, 0.003)  # d_z = 0.69: 19 seeds for 80 %
    one = verdict(a, seeded(0, 0, 0, 0, 0))
    assert seeds_needed(one.difference.effect or 0) == 19
    assert one.sentence == "relu or tanh: can't tell yet: about 14 more seeds"


def test_one_more_seed_is_no_plural() -> None:
    one = verdict(seeded(0.01, 0.013), seeded(0, 0))
    assert one.more == 1
    assert one.sentence == "relu or tanh: can't tell from 2 seeds: about 1 more seed"


def test_a_tiny_difference_in_words() -> None:
    a = seeded(0.01, -0.01, 0.0002, 0.01, -0.01)
    sentence = verdict(a, seeded(0, 0, 0, 0, 0)).sentence
    assert sentence == "relu or tanh: can't tell: a difference of 0.004 points would take more than 100 more seeds"
    a = seeded(0.01, -0.01, 0.0005, 0.01, -0.01)
    assert "a difference of 0.01 points would" in verdict(a, seeded(0, 0, 0, 0, 0)).sentence


def test_identical_results_in_words() -> None:
    assert verdict(FIVE, FIVE, 1e-4).sentence == "relu or tanh: no difference at all"


def test_one_seed_each_in_words() -> None:
    assert verdict({0: 0.9}, {0: 0.8}).sentence == "relu or tanh: can't tell from one seed each: try 5"
    assert verdict({0: 0.9}, {1: 0.9}).sentence == "relu or tanh: can't tell from one seed each: try 5"


def test_one_seed_of_one_setting_in_words() -> None:
    assert verdict(FIVE, {0: 0.8}).sentence == "relu or tanh: can't tell from one seed of tanh: try 5"


def test_no_spread_and_no_step_in_words() -> None:
    sentence = verdict(seeded(0.2, 0.3, 0.4), seeded(0.1, 0.2, 0.3)).sentence
    assert sentence == "relu or tanh: can't tell: 10.00 points apart, but without any spread to judge them by"


def test_two_seeds_claim_nothing() -> None:
    one = verdict(seeded(0.9, 0.91), seeded(0.8, 0.81), step=1e-4)
    assert one.p < 0.001
    assert not one.told
    assert one.more == 1


def test_what_is_told_needs_no_more_seeds() -> None:
    assert verdict(BETTER, FIVE).more is None


def test_every_pair_gets_a_verdict_in_the_order_of_the_settings() -> None:
    found = verdicts({"a": FIVE, "b": BETTER, "c": FIVE})
    assert [{one.a, one.b} for one in found] == [{"a", "b"}, {"a", "c"}, {"b", "c"}]


def test_verdicts_correct_for_all_pairs() -> None:
    rng = np.random.default_rng(3)
    results = {name: seeded(*rng.normal(mean, 1, 5)) for name, mean in {"a": 0, "b": 2, "c": 4}.items()}
    found = verdicts(results)
    assert [one.p for one in found] == pytest.approx(holm([one.difference.p for one in found]))
    assert sorted(one.weight for one in found) == [1, 2, 3]


def test_more_seeds_are_foreseen_at_the_level_that_is_left() -> None:
    a = seeded(0.01, -0.005, 0.008, 0.004, 0.003)
    alone = verdict(a, seeded(0, 0, 0, 0, 0))
    among_ten = Verdict(alone.a, alone.b, alone.difference, p=1.0, weight=10)
    assert (among_ten.more or 0) + 5 == seeds_needed(alone.difference.effect or 0, alpha=0.005)


def test_more_seeds_of_groups_are_those_that_the_smaller_one_lacks() -> None:
    one = verdict(seeded(0.0, 0.1, 0.2, 0.3, 0.5), seeded(0.0, 0.1, 0.2, first=9))
    needed = seeds_needed(one.difference.effect or 0, paired=False)
    assert one.more == (needed or 0) - 3


def test_what_only_the_correction_hides_takes_at_least_one_more_seed() -> None:
    strong = verdict(BETTER, FIVE)
    assert Verdict(strong.a, strong.b, strong.difference, p=0.06, weight=1).more == 1


def test_verdicts_agree_with_the_difference_of_each_pair() -> None:
    rng = np.random.default_rng(4)
    results = {
        str(i): seeded(*rng.normal(size=n), first=first) for i, (n, first) in enumerate([(5, 0), (7, 9), (4, 2)])
    }
    for one in verdicts(results, 0.1):
        assert one.difference == difference(results[one.a], results[one.b], 0.1)


def test_no_settings_or_one_give_no_verdicts() -> None:
    assert verdicts({}) == []
    assert verdicts({"a": FIVE}) == []


# Importance


def grid(noise: float) -> tuple[list[dict[str, object]], list[float]]:
    """A full grid of 90 runs in which eta matters most, sizes matter, cost and seed do not."""
    rng = np.random.default_rng(0)
    names, values = ("eta", "sizes", "cost", "seed"), ([0.5, 1, 3], [[9, 5], [9, 7], [9, 6]], ["a", "b"], range(5))
    runs = [{**dict(zip(names, of_run, strict=True)), "epochs": 30} for of_run in product(*values)]
    effect = {0.5: 0.0, 1: 1.0, 3: 1.5, 5: 0.0, 6: 0.3, 7: 0.6}
    return runs, [effect[run["eta"]] + effect[run["sizes"][1]] + rng.normal(0, noise) for run in runs]


def decomposed(runs: list[dict[str, object]], results: list[float]) -> dict[str, float]:
    """The exact analysis of variance of a balanced grid: the variance of each setting's marginal means."""
    y = np.array(results)
    shares = {}
    for name in runs[0]:
        groups = [
            [r for run, r in zip(runs, y, strict=True) if run[name] == value] for value in [x[name] for x in runs]
        ]
        shares[name] = float(np.var([np.mean(group) for group in groups]) / y.var())
    return shares


def test_on_a_grid_with_holes_the_shares_are_nearly_those_of_the_full_one() -> None:
    runs, results = grid(noise=0.2)
    exact, shares = decomposed(runs, results), importance(runs[3:], results[3:])
    assert list(shares) == [*sorted(exact.keys() - {"epochs"}, key=lambda name: -shares[name]), "rest"]
    assert list(shares)[:2] == ["eta", "sizes"]
    assert shares == pytest.approx({name: exact[name] for name in shares if name != "rest"} | {"rest": 0.1}, abs=0.06)


def test_on_a_full_grid_the_shares_are_worked_out_as_by_hand() -> None:
    runs = [{"a": a, "b": b} for a in (0, 1) for b in (0, 1) for _ in range(2)]
    shares = importance(runs, [1, 3, 5, 7, 2, 4, 10, 12])  # sums of squares 18, 72, 8 and, within the cells, 8
    assert list(shares) == ["b", "a", "in combination", "rest"]
    assert shares == pytest.approx({"a": 16 / 106, "b": 70 / 106, "in combination": 6 / 106, "rest": 14 / 106})


def test_with_one_run_in_a_cell_combinations_are_taken_for_chance() -> None:
    runs = [{"a": a, "b": b} for a in (0, 1) for b in (0, 1)]
    shares = importance(runs, [2, 6, 3, 11])  # sums of squares 9, 36 and, for what they do together, 4
    assert shares == pytest.approx({"b": 32 / 49, "a": 5 / 49, "rest": 12 / 49})


def test_one_setting_with_one_run_for_each_value_is_no_grid_to_learn_from() -> None:
    assert importance([{"a": value} for value in range(5)], [1, 2, 3, 4, 5]) == {}


@pytest.mark.parametrize("holes", [0, 3])
def test_shares_lie_between_nothing_and_all_add_up_to_one_and_are_the_same_each_time(holes: int) -> None:
    runs, results = grid(noise=0.5)
    shares = importance(runs[holes:], results[holes:])
    assert sum(shares.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares.values())
    assert importance(runs[holes:], results[holes:]) == shares


def test_noise_is_not_important() -> None:
    runs, _ = grid(noise=0)
    noise = list(np.random.default_rng(1).normal(size=len(runs)))
    assert importance(runs, noise)["rest"] > 0.9
    assert importance(runs[3:], noise[3:])["rest"] > 0.95


def test_a_seed_that_matters_is_a_setting_like_others() -> None:
    runs, results = grid(noise=0.1)
    shares = importance(runs, [result + 3 * (run["seed"] == 2) for run, result in zip(runs, results, strict=True)])
    assert next(iter(shares)) == "seed"


def test_a_setting_that_some_runs_lack_counts() -> None:
    runs, _ = grid(noise=0)
    some = [run | ({"momentum": 0.9} if i % 2 else {}) for i, run in enumerate(runs)]
    shares = importance(some, [float(i % 2) for i in range(len(runs))])
    assert shares["momentum"] > 0.9


@pytest.mark.parametrize(
    ("settings", "results"),
    [
        ([{"eta": i} for i in range(9)], range(9)),
        ([{"eta": 1}] * 20, range(20)),
        ([{"eta": i} for i in range(20)], [1] * 20),
    ],
    ids=["nine runs", "one setting", "one result"],
)
def test_where_there_is_nothing_to_compare_nothing_is_important(
    settings: list[dict[str, object]], results: list[float]
) -> None:
    assert importance(settings, list(results)) == {}


@pytest.mark.parametrize("results", [[1.0], [1.0, nan]])
def test_importance_needs_a_result_of_each_run(results: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^results: got .*, expected 2 finite numbers, one for each run"):
        importance([{"eta": 1}, {"eta": 2}], results)


def test_a_grid_with_a_hole_or_uneven_cells_is_not_worked_out_as_a_full_one() -> None:
    full = [{"a": a, "b": b} for a in (1, 2) for b in (1, 2) for _ in range(2)]
    results = [0.1, 0.2, 0.4, 0.3, 0.5, 0.7, 0.9, 0.8]
    assert shares(full, results) is not None
    assert shares(full[:-1], results[:-1]) is None  # a cell with one run, where others have two
    assert shares(full[:-2], results[:-2]) is None  # a cell without any
