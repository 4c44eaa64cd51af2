"""The t test that holds at any time: its p by its definition, its intervals by its p."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, lgamma, log, nan, pi, sqrt

import numpy as np
import pytest
from scipy import integrate, stats

from nnexp.stats.anytime import FEWEST, G, critical, p_value


def student(t: float, freedom: int) -> float:
    """The density of Student's t; SciPy's takes a hundred times as long for one number."""
    half = (freedom + 1) / 2
    return exp(lgamma(half) - lgamma(freedom / 2) - log(freedom * pi) / 2 - half * log(1 + t * t / freedom))


def weighed(t: float, n: int) -> float:
    """e by its definition: how much likelier t is with an effect that is normal, variance G, than without any.

    With such an effect, t is sqrt(1 + n G) times as wide as Student's.
    """
    wider = sqrt(1 + n * G)
    return student(t / wider, n - 1) / wider / student(t, n - 1)


def reaches(c: float) -> float:
    """How often, at most, e ever reaches c from the third seed on: Ville's inequality, by numerical integration."""
    edges = [0, 0.1, 1, 5, 20, 100, 1000, inf]
    return sum(
        2 * integrate.quad(lambda t: min(weighed(t, FEWEST) / c, 1) * student(t, FEWEST - 1), low, high)[0]
        for low, high in pairwise(edges)
    )


@pytest.mark.parametrize("freedom", [1, 2, 29])
def test_the_density_that_e_is_defined_by_is_students(freedom: int) -> None:
    t = np.linspace(-9, 9, 19)
    np.testing.assert_allclose([student(each, freedom) for each in t], stats.t.pdf(t, freedom), rtol=1e-12)


@pytest.mark.parametrize("n", [3, 4, 7, 30])
@pytest.mark.parametrize("t", [0.3, 2.0, 5.0])
def test_p_is_how_often_such_evidence_ever_comes_without_a_difference(t: float, n: int) -> None:
    assert p_value(t, n) == pytest.approx(reaches(weighed(t, n)), rel=1e-5)


@pytest.mark.parametrize("n", [5, 20])
def test_evidence_that_no_three_seeds_can_give_is_as_rare_as_it_is_large(n: int) -> None:
    assert p_value(30.0, n) == pytest.approx(1 / weighed(30.0, n), rel=1e-6)


@pytest.mark.parametrize("n", [3, 5, 10, 100])
def test_p_is_larger_than_that_of_a_test_that_is_looked_at_once(n: int) -> None:
    t = np.linspace(0, 30, 301)
    assert (p_value(t, n) >= 2 * stats.t.sf(t, n - 1)).all()


@pytest.mark.parametrize("n", [3, 10])
def test_the_larger_t_the_smaller_p(n: int) -> None:
    assert (np.diff(p_value(np.geomspace(3, 1e4, 200), n)) < 0).all()
    assert (np.diff(p_value(np.linspace(0, 3, 200), n)) <= 0).all()


def test_p_of_minus_t_is_that_of_t() -> None:
    assert p_value(-3.0, 5) == p_value(3.0, 5)


@pytest.mark.parametrize(("t", "n"), [(50.0, 1), (50.0, 2), (inf, 2), (nan, 5), (0.0, 5)])
def test_where_nothing_can_be_said_p_is_one(t: float, n: int) -> None:
    assert p_value(t, n) == 1.0


def test_however_large_t_p_is_no_smaller_than_so_few_seeds_can_make_it() -> None:
    for t in (1e10, 1e300, inf):
        assert p_value(t, 3) == pytest.approx(1 / (1 + 3 * G))
        assert p_value(t, 5) == pytest.approx(1 / (1 + 5 * G) ** 2)
    assert p_value(1e300, 10_000) == 0.0


@pytest.mark.parametrize("alpha", [0.3, 0.05, 0.005, 1e-4])
@pytest.mark.parametrize("n", [5, 10, 1000])
def test_the_critical_t_is_that_whose_p_is_alpha(n: int, alpha: float) -> None:
    assert p_value(critical(n, alpha), n) == pytest.approx(alpha, rel=1e-9)


def test_the_critical_t_is_infinite_where_so_few_seeds_never_claim() -> None:
    assert critical(2, 0.05) == inf
    assert critical(3, 0.05) == pytest.approx(8.136, abs=1e-3)
    assert critical(3, 0.9 / (1 + 3 * G)) == inf
