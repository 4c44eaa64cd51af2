"""Verdicts that are looked at again and again, on simulated results: what is promised is kept.

The generators are fixed, so a test that passes once passes always.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from nnexp.stats.anytime import FEWEST, critical
from nnexp.stats.difference import Difference, differences
from nnexp.stats.power import more_seeds
from nnexp.stats.verdict import ALPHA

Floats = npt.NDArray[np.float64]

pytestmark = pytest.mark.slow

FAMILIES = 2000
MOST_SEEDS = 60
PLANS = 4000


def of_one_look(seen: Sequence[Difference], n: int) -> Floats:
    """The p of the usual t test."""
    p: Floats = 2 * stats.t.sf(np.abs([one.effect or 0.0 for one in seen]) * n**0.5, n - 1)
    return p


def smallest_ps(settings: int) -> tuple[Floats, Floats]:
    """Of equal settings, the smallest p of all pairs after each seed from the third on, `(looks, families)`.

    As the verdicts have it, and of the usual t test, which is worked out for two settings alone.
    """
    x = np.random.default_rng(settings).normal(0.97, 0.002, (settings, FAMILIES, MOST_SEEDS))
    ours, usual = [], []
    for n in range(FEWEST, MOST_SEEDS + 1):
        seen = [differences(x[i, :, :n], x[j, :, :n]) for i, j in combinations(range(settings), 2)]
        ours.append(np.min([[one.p for one in of_pair] for of_pair in seen], axis=0))
        if settings == 2:
            usual.append(of_one_look(seen[0], n))
    return np.array(ours), np.array(usual)


@pytest.mark.parametrize("settings", [2, 3, 5])
def test_equal_settings_looked_at_after_every_seed(settings: int) -> None:
    """Who begins later, looks less often, or stops at the first claim makes no claim that is not counted here."""
    ours, usual = smallest_ps(settings)
    pairs = settings * (settings - 1) // 2
    claimed = (ours * pairs < ALPHA).any(axis=0)  # Holm's method claims one at all if the smallest p is small enough
    assert claimed.mean() <= ALPHA
    if settings == 2:
        assert (usual < ALPHA).any(axis=0).mean() > 0.2
    else:
        assert (ours < ALPHA).any(axis=0).mean() > ALPHA  # without the correction


def ever_claimed(
    looks: Iterable[tuple[Sequence[int], Sequence[int]]], sds: tuple[float, float], shared: float
) -> float:
    """How often one of two equal settings is ever claimed to be better. looks: the seeds of a and of b that there are.

    sds: of a and of b. shared: the standard deviation of what a seed does to both.
    """
    rng = np.random.default_rng(0)
    both = shared * rng.normal(size=(FAMILIES, 2 * MOST_SEEDS))
    a, b = (both + sd * rng.normal(size=both.shape) for sd in sds)
    claimed = np.zeros(FAMILIES, dtype=bool)
    for of_a, of_b in looks:
        one, other = np.full((2, *both.shape), np.nan)
        one[:, of_a], other[:, of_b] = a[:, of_a], b[:, of_b]
        claimed |= np.array([seen.p < ALPHA for seen in differences(one, other)])
    return float(claimed.mean())


SPREADS = [((1.0, 1.0), 0.0), ((4.0, 1.0), 0.0), ((1.0, 1.0), 5.0)]


@pytest.mark.parametrize(("sds", "shared"), SPREADS, ids=["equal", "unequal", "seeds matter"])
def test_equal_settings_on_other_seeds_looked_at_after_every_seed(sds: tuple[float, float], shared: float) -> None:
    looks = [(range(n), range(MOST_SEEDS, MOST_SEEDS + n)) for n in range(FEWEST, 41)]
    assert ever_claimed(looks, sds, shared) <= ALPHA


@pytest.mark.parametrize(("sds", "shared"), SPREADS, ids=["equal", "unequal", "seeds matter"])
def test_equal_settings_whose_pairs_are_made_anew_as_seeds_become_shared(
    sds: tuple[float, float], shared: float
) -> None:
    """a has seeds 0 to 4 and b has 5 to 9; then a gets those of b, one after the other, b those of a, and both more."""
    looks: list[tuple[Sequence[int], Sequence[int]]] = [(range(n), range(5, 10)) for n in range(5, 11)]
    looks += [(range(10), [*range(n), *range(5, 10)]) for n in range(1, 6)]
    looks += [(range(n), range(n)) for n in range(11, 41)]
    assert ever_claimed(looks, sds, shared) <= ALPHA


def kept(effect: float, n: int, alpha: float) -> tuple[int, float]:
    """How many plans are made from n seeds that claim nothing yet, and the share whose upper end then tells."""
    rng = np.random.default_rng(0)
    first = rng.normal(effect, 1, (PLANS, n))
    means, squares = first.mean(axis=1), first.var(axis=1) * n
    effects = np.abs(means) / np.sqrt(squares / (n - 1))
    tried = np.geomspace(0.2, 30, 300)  # each effect seen gets the plan of the next smaller one of these
    plans = np.array([(more_seeds(each, n, alpha) or (0, 0))[1] for each in tried])
    more = plans[np.maximum(np.searchsorted(tried, effects) - 1, 0)]
    planned = (effects * n**0.5 <= critical(n, alpha)) & (more > 0)
    means, squares, more = means[planned], squares[planned], more[planned]
    theirs = rng.normal(effect, 1 / np.sqrt(more))
    total = n + more
    squares = squares + 2 * rng.standard_gamma((more - 1) / 2) + n * more / total * (means - theirs) ** 2
    t = np.abs(n * means + more * theirs) / total * np.sqrt(total * (total - 1) / squares)
    limits = {int(each): critical(int(each), alpha) for each in np.unique(total)}
    return len(t), float(np.mean(t > [limits[int(each)] for each in total]))


@pytest.mark.parametrize("alpha", [ALPHA, ALPHA / 10], ids=["one pair", "one of ten"])
@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("effect", [0.3, 0.5, 0.8, 1.2])
def test_the_upper_end_of_more_seeds_tells_in_four_of_five_cases(effect: float, n: int, alpha: float) -> None:
    plans, share = kept(effect, n, alpha)
    assert plans > PLANS / 5
    assert share >= 0.8
