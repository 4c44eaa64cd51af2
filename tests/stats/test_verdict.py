"""Verdicts: what is said of two settings, and of many."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from nnexp.stats.difference import difference
from nnexp.stats.holm import holm
from nnexp.stats.power import more_seeds
from nnexp.stats.verdict import Verdict, verdicts


def seeded(*results: float, first: int = 0) -> dict[int, float]:
    return dict(enumerate(results, first))


def other_seeds(results: Mapping[int, float]) -> dict[int, float]:
    return {seed + 100: result for seed, result in results.items()}


def verdict(a: Mapping[int, float], b: Mapping[int, float], step: float = 0.0) -> Verdict:
    (one,) = verdicts({"relu": a, "tanh": b}, step)
    return one


FIVE = seeded(0.97, 0.972, 0.971, 0.969, 0.973)
BETTER = seeded(0.9720, 0.9742, 0.9731, 0.9709, 0.9752)  # by 0.20 0.22 0.21 0.19 0.22: mean 0.208, sd 0.013


def test_a_difference_that_is_told_in_words() -> None:
    assert (
        verdict(BETTER, FIVE).sentence == "relu beats tanh by 0.21 ± 0.01 points of test accuracy (5 seeds, p < 0.001)"
    )


def test_the_better_setting_is_named_first() -> None:
    one = verdict(FIVE, BETTER)
    assert (one.a, one.b) == ("tanh", "relu")
    assert one.difference.mean == pytest.approx(0.00208)
    assert one.sentence == "tanh beats relu by 0.21 ± 0.01 points of test accuracy (5 seeds, p < 0.001)"


def test_a_p_that_is_not_tiny_is_given() -> None:
    one = verdict(seeded(0.01, 0.02, 0.02, 0.03, 0.025), seeded(0, 0, 0, 0, 0))  # t = 6.33
    assert one.sentence == "relu beats tanh by 2.10 ± 0.74 points of test accuracy (5 seeds, p = 0.031)"


def test_where_seeds_are_not_shared_it_says_how_many_of_each_it_is_made_from() -> None:
    a, b = other_seeds(BETTER) | {200: 0.97, 201: 0.98}, {seed: result - 0.02 for seed, result in FIVE.items()}
    assert "points of test accuracy (5 seeds each, p" in verdict(a, b).sentence
    assert (
        "points of test accuracy (5 seeds each, p"
        in verdict(b, {seed: result - 0.1 for seed, result in a.items()}).sentence
    )


def test_a_difference_in_the_noise_says_how_many_more_seeds_may_tell_it() -> None:
    one = verdict(seeded(0.01, -0.005, 0.008, 0.004, 0.003), seeded(0, 0, 0, 0, 0))  # d_z = 0.69
    assert one.more == more_seeds(one.difference.effect or 0, 5)
    assert one.sentence == "relu or tanh: can't tell yet: about 41 to 300 more seeds"


def test_one_more_seed_is_no_plural_and_no_range() -> None:
    one = verdict(seeded(0.01, 0.0101), seeded(0, 0))
    assert one.more == (1, 1)
    assert one.sentence == "relu or tanh: can't tell from 2 seeds: about 1 more seed"


def test_a_tiny_difference_in_words() -> None:
    a = seeded(0.01, -0.01, 0.0002, 0.01, -0.01)
    sentence = verdict(a, seeded(0, 0, 0, 0, 0)).sentence
    why = "can't tell: to show a difference of 0.004 points of test accuracy would take more than 100 more seeds"
    assert sentence == f"relu or tanh: {why}"
    a = seeded(0.01, -0.01, 0.0005, 0.01, -0.01)
    assert "a difference of 0.01 points of test accuracy would" in verdict(a, seeded(0, 0, 0, 0, 0)).sentence


def test_identical_results_in_words() -> None:
    assert verdict(FIVE, FIVE, 1e-4).sentence == "relu or tanh: no difference at all in 5 seeds"


def test_equal_means_in_words() -> None:
    assert (
        verdict(seeded(0.01, -0.01, 0, 0), seeded(0, 0, 0, 0)).sentence == "relu or tanh: equal on the mean of 4 seeds"
    )


def test_one_seed_each_in_words() -> None:
    assert verdict({0: 0.9}, {0: 0.8}).sentence == "relu or tanh: can't tell from one seed each: try 5"
    assert verdict({0: 0.9}, {1: 0.9}).sentence == "relu or tanh: can't tell from one seed each: try 5"


def test_one_seed_of_one_setting_in_words() -> None:
    assert verdict(FIVE, {0: 0.8}).sentence == "relu or tanh: can't tell from one seed of tanh: try 5"


def test_no_spread_and_no_step_in_words() -> None:
    sentence = verdict(seeded(0.2, 0.3, 0.4), seeded(0.1, 0.2, 0.3)).sentence
    assert (
        sentence
        == "relu or tanh: can't tell: 10.00 points of test accuracy apart, but without any spread to judge them by"
    )


def test_two_seeds_claim_nothing() -> None:
    one = verdict(seeded(0.9, 0.91), seeded(0.8, 0.81), step=1e-4)
    assert (one.p, one.significant, one.interval, one.more) == (1.0, False, None, (1, 1))


def test_what_is_told_needs_no_more_seeds() -> None:
    assert verdict(BETTER, FIVE).more is None


def test_every_pair_gets_a_verdict_in_the_order_of_the_settings() -> None:
    found = verdicts({"a": FIVE, "b": BETTER, "c": FIVE})
    assert [{one.a, one.b} for one in found] == [{"a", "b"}, {"a", "c"}, {"b", "c"}]


def test_verdicts_correct_for_all_pairs() -> None:
    rng = np.random.default_rng(3)
    results = {name: seeded(*rng.normal(mean, 1, 5)) for name, mean in {"a": 0, "b": 9, "c": 18}.items()}
    found = verdicts(results)
    assert [one.p for one in found] == pytest.approx(holm([one.difference.p for one in found]))
    assert [one.weight for one in found] == [2, 3, 1]


def test_an_interval_is_without_zero_just_where_a_difference_is_told() -> None:
    rng = np.random.default_rng(5)
    found = [
        one for _ in range(40) for one in verdicts({name: seeded(*rng.normal(4 * ord(name), 1, 5)) for name in "abc"})
    ]
    assert 20 < sum(one.significant for one in found) < 100
    for one in found:
        low, high = one.interval or (0, 0)
        assert one.significant is (low > 0 or high < 0)


def test_more_seeds_are_foreseen_at_the_level_that_is_left() -> None:
    alone = verdict(seeded(0.01, -0.005, 0.008, 0.004, 0.003), seeded(0, 0, 0, 0, 0))
    among_ten = Verdict(alone.a, alone.b, alone.difference, p=1.0, weight=10)
    assert among_ten.more == more_seeds(alone.difference.effect or 0, 5, alpha=0.005)


def test_more_seeds_of_groups_are_those_that_the_smaller_one_lacks() -> None:
    one = verdict(seeded(0.0, 0.1, 0.2, 0.3, 0.5), seeded(0.0, 0.01, 0.12, first=9))
    assert one.more == more_seeds(one.difference.effect or 0, 3)


def test_what_only_the_correction_hides_takes_at_least_one_more_seed() -> None:
    strong = verdict(BETTER, FIVE)
    assert Verdict(strong.a, strong.b, strong.difference, p=0.06, weight=1).more == (1, 1)


def test_verdicts_agree_with_the_difference_of_each_pair() -> None:
    rng = np.random.default_rng(4)
    results = {
        str(i): seeded(*rng.normal(size=n), first=first) for i, (n, first) in enumerate([(5, 0), (7, 9), (4, 2)])
    }
    for one in verdicts(results, 0.1):
        alone = difference(results[one.a], results[one.b], 0.1)
        assert (one.difference.mean, one.difference.p) == pytest.approx((alone.mean, alone.p))


def test_no_settings_or_one_give_no_verdicts() -> None:
    assert verdicts({}) == []
    assert verdicts({"a": FIVE}) == []
