"""Verdicts on simulated results after one look: false ones are rarer than they say, true ones as frequent.

The generators are fixed, so a test that passes once passes always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isnan

import numpy as np
import numpy.typing as npt
import pytest

from nnexp.stats.power import power_of, seeds_needed
from nnexp.stats.verdict import Verdict, verdicts

Floats = npt.NDArray[np.float64]

COMPARISONS = 1000
MOST_FALSE = 50
SD = 0.002  # of an accuracy over seeds
MNIST, DIGITS = 1 / 10000, 1 / 360  # one test image of each


def judged(draw: Callable[[np.random.Generator], list[Floats]], step: float = 0.0) -> Iterator[list[Verdict]]:
    """The verdicts of 1,000 comparisons. draw: gives the results of each setting; NaN for a seed without one."""
    rng = np.random.default_rng(0)
    for _ in range(COMPARISONS):
        drawn = draw(rng)
        results = [{seed: result for seed, result in enumerate(row.tolist()) if not isnan(result)} for row in drawn]
        yield verdicts(dict(zip("abcdefg", results, strict=False)), step)


def claims(draw: Callable[[np.random.Generator], list[Floats]], step: float = 0.0) -> int:
    """In how many of 1,000 comparisons of two settings one is significantly better."""
    return sum(one.significant for (one,) in judged(draw, step))


def normal(n: int) -> Callable[[np.random.Generator], list[Floats]]:
    """Two settings of equal merit with n seeds each."""
    return lambda rng: list(rng.normal(0.97, SD, (2, n)))


@pytest.mark.parametrize("n", [3, 5, 10])
def test_equal_settings_on_shared_seeds(n: int) -> None:
    assert claims(normal(n)) <= MOST_FALSE


def rounded(n: int, sd: float, step: float, mean: float) -> Callable[[np.random.Generator], list[Floats]]:
    return lambda rng: [step * np.round(row / step) for row in rng.normal(mean, sd, (2, n))]


@pytest.mark.parametrize(("step", "mean"), [(MNIST, 0.97), (DIGITS, 0.97), (DIGITS, 349.5 / 360)])
def test_equal_settings_whose_results_are_rounded(step: float, mean: float) -> None:
    assert claims(rounded(3, SD, step, mean), step) <= MOST_FALSE


@pytest.mark.parametrize(("sd", "n"), [(0.3, 3), (0.3, 5), (1.5, 3)])
def test_equal_settings_whose_results_are_rounded_coarsely(sd: float, n: int) -> None:
    assert claims(rounded(n, sd * DIGITS, DIGITS, 349.5 / 360), DIGITS) <= MOST_FALSE


def test_results_that_agree_by_rounding_would_claim_too_much_if_no_spread_were_certainty() -> None:
    rng = np.random.default_rng(0)
    drawn = [rounded(3, 0.3 * DIGITS, DIGITS, 349.5 / 360)(rng) for _ in range(COMPARISONS)]
    assert sum(len(set((a - b).round(9))) == 1 and a[0] != b[0] for a, b in drawn) > 20  # of 1,000 have p = 0


def test_equal_settings_on_other_seeds() -> None:
    def draw(rng: np.random.Generator) -> list[Floats]:
        a, b = np.full((2, 12), np.nan)
        a[:5], b[5:] = rng.normal(0.97, SD, 5), rng.normal(0.97, SD, 7)
        return [a, b]

    assert claims(draw) <= MOST_FALSE


def test_equal_settings_of_which_one_varies_more() -> None:
    def draw(rng: np.random.Generator) -> list[Floats]:
        a, b = np.full((2, 12), np.nan)
        a[:5], b[5:] = rng.normal(0.97, 4 * SD, 5), rng.normal(0.97, SD, 7)
        return [a, b]

    assert claims(draw) <= MOST_FALSE


def seeds_matter(rng: np.random.Generator) -> list[Floats]:
    """What a seed does to both settings is five times what it does to one."""
    return list(rng.normal(0.97, 5 * SD, 5) + rng.normal(0, SD, (2, 5)))


def test_equal_settings_when_seeds_matter() -> None:
    assert claims(seeds_matter) <= MOST_FALSE


@pytest.mark.parametrize("effect", [0.8, 1.5])
def test_a_difference_is_told_as_often_as_the_number_of_seeds_promises(effect: float) -> None:
    n = seeds_needed(effect)
    assert n is not None
    assert power_of(effect, n) >= 0.8
    told = claims(lambda rng: [rng.normal(0.97, SD, n) + effect * SD, np.full(n, 0.97)])
    assert told / COMPARISONS == pytest.approx(power_of(effect, n), abs=0.035)


def test_a_difference_of_groups_is_told_as_often_as_the_number_of_seeds_promises() -> None:
    n = seeds_needed(1.0)
    assert n is not None

    def draw(rng: np.random.Generator) -> list[Floats]:
        a, b = np.full((2, 2 * n), np.nan)
        a[:n], b[n:] = rng.normal(0.97, SD, n) + SD * np.sqrt(2), rng.normal(0.97, SD, n)
        return [a, b]

    assert 750 <= claims(draw) <= 860


def test_pairs_see_what_seeds_that_matter_hide() -> None:
    def draw(rng: np.random.Generator) -> list[Floats]:
        a, b = seeds_matter(rng)
        return [a + 5 * SD, b]

    def apart(rng: np.random.Generator) -> list[Floats]:
        (a, _), (_, b) = draw(rng), draw(rng)
        nothing = np.full(5, np.nan)
        return [np.concatenate([a, nothing]), np.concatenate([nothing, b])]

    assert claims(draw) > 900
    assert claims(apart) < 200
