"""How many seeds a difference takes, and how many more are foreseen."""

from __future__ import annotations

from math import inf

import pytest
from scipy import stats

from nnexp.stats.anytime import critical
from nnexp.stats.power import least_effect, more_seeds, power_of, seeds_needed


@pytest.mark.parametrize(
    ("effect", "alone", "among_ten"),  # as the table of `anytime` says; 20,000 simulations each agree
    [(0.5, 87, 118), (0.8, 35, 49), (1.2, 18, 25), (2.0, 9, 13), (3.0, 6, 9), (5.0, 4, 6)],
)
def test_the_price_is_the_one_that_is_written_down(effect: float, alone: int, among_ten: int) -> None:
    assert seeds_needed(effect) == seeds_needed(-effect) == alone
    assert seeds_needed(effect, 0.005) == among_ten


@pytest.mark.parametrize("n", [5, 10, 40])
@pytest.mark.parametrize("effect", [0.2, 0.7, 1.5])
def test_power_is_that_of_scipys_noncentral_t(effect: float, n: int) -> None:
    t, centre = critical(n, 0.05), effect * n**0.5
    expected = stats.nct.sf(t, n - 1, centre) + stats.nct.sf(t, n - 1, -centre)
    assert power_of(effect, n) == pytest.approx(expected, abs=2e-3)


def test_the_number_of_seeds_is_the_smallest_that_has_the_power() -> None:
    n = seeds_needed(0.7, alpha=0.005, power=0.9)
    assert n is not None
    assert power_of(0.7, n - 1, 0.005) < 0.9 <= power_of(0.7, n, 0.005)


def test_a_tiny_effect_takes_more_seeds_than_are_tried() -> None:
    assert seeds_needed(0.16) == 909
    assert seeds_needed(0.15) is None
    assert seeds_needed(0.0) is None


@pytest.mark.parametrize("effect", [1e2, 1e3, 1e5, inf])
def test_a_huge_effect_takes_hardly_any(effect: float) -> None:
    n = seeds_needed(effect, alpha=1e-5)
    assert n is not None
    assert n <= 6


@pytest.mark.parametrize(("effect", "n"), [(4.0, 3), (1.0, 5), (0.7, 30)])
def test_an_effect_at_its_lower_end_shows_as_large_as_it_did_in_one_of_twenty_cases(effect: float, n: int) -> None:
    shown = stats.nct.sf(effect * n**0.5, n - 1, least_effect(effect, n) * n**0.5)
    assert shown == pytest.approx(0.05, abs=2e-3)


def test_the_lower_end_is_what_the_effect_takes_if_it_is_as_large_as_it_looks() -> None:
    more = more_seeds(0.8, 5)
    assert more is not None
    assert more[0] + 5 == seeds_needed(0.8)


def test_the_upper_end_is_what_the_least_effect_takes_rounded_up_to_two_digits() -> None:
    more = more_seeds(1.0, 10)
    assert more is not None
    needed = (seeds_needed(least_effect(1.0, 10), power=0.9) or 0) - 10
    assert needed <= more[1] < needed + 10
    assert more[1] % 10 == 0


def test_the_upper_end_is_for_no_effect_below_three_tenths() -> None:
    more, needed = more_seeds(0.6, 5), seeds_needed(0.3, power=0.9)
    assert least_effect(0.6, 5) < 0
    assert more is not None
    assert (needed or 0) - 5 <= more[1] < (needed or 0) + 5


def test_the_more_is_seen_the_narrower_the_range() -> None:
    few, many = more_seeds(0.6, 5), more_seeds(0.6, 30)
    assert few is not None
    assert many is not None
    assert many[1] - many[0] < few[1] - few[0]


def test_what_would_take_more_than_a_hundred_is_not_foreseen() -> None:
    assert more_seeds(0.46, 5) is not None
    assert more_seeds(0.45, 5) is None
    assert more_seeds(0.0, 5) is None


@pytest.mark.parametrize("effect", [50.0, 1e8, inf])
def test_a_huge_effect_takes_one_more_or_few(effect: float) -> None:
    more = more_seeds(effect, 2)
    assert more is not None
    assert 1 <= more[0] <= more[1] <= 10
