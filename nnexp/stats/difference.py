"""Two settings over their seeds: how far apart they are, and how likely chance alone would put them there.

Seeds that both settings were run with make pairs: the same seed means the same first weights and the same order of
examples, and what a seed does to both cancels. Where few are shared, what is left over is paired in the order of seeds:
that is as good as at random, so such differences vary as independent ones do, however unequal the two spreads. Where
seeds become shared, or new ones come before old ones, the pairs are made anew, and what holds at any time holds but
nearly: two equal settings of which one got the other's seeds, one after the other, were ever told apart in 4.4 % of
10,000 simulations at most, and in 5.3 % where each of 57 new seeds of one setting came before its others.

The test is about other seeds on the same test images; what other images would say is McNemar's question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import numpy.typing as npt

from nnexp.stats.anytime import critical, p_value

Floats = npt.NDArray[np.float64]

NOISE = 1e-12  # of floating point, relative to the results: what is smaller is zero


@dataclass(frozen=True)
class Difference:
    """Of setting a minus setting b.

    n: pairs of results. sizes: how many results a and b have. paired: whether the pairs are of one seed each. mean, sd:
    of the differences over the pairs. spread: sd with what rounding adds. effect: mean in spreads, Cohen's d_z. p:
    two-sided, valid at any time (`anytime`); 1 where nothing can be said. sd and spread are None for n < 2, and effect
    also where no spread was seen and nothing is known of rounding.
    """

    n: int
    sizes: tuple[int, int]
    paired: bool
    mean: float
    sd: float | None
    spread: float | None
    effect: float | None
    p: float

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """The means that p would be alpha or more for: a confidence sequence, which holds at all times at once.

        None where that is all of them, as for fewer than three pairs.
        """
        reach = critical(self.n, alpha) / self.n**0.5 * self.spread if self.spread else float("inf")
        return (self.mean - reach, self.mean + reach) if reach < float("inf") else None

    def turned(self) -> Difference:
        """The difference of b minus a."""
        effect = None if self.effect is None else -self.effect
        return replace(self, sizes=self.sizes[::-1], mean=-self.mean, effect=effect)


def difference(a: Mapping[int, float], b: Mapping[int, float], step: float = 0.0) -> Difference:
    """Of a minus b, which are results by seed.

    Paired on the shared seeds alone where at least two are shared and they are half of the smaller group or more; else
    what is left over makes pairs too, in the order of seeds. step: results are multiples of it (1 / number of test
    images); 0 if they are not rounded. Rounding can make a spread of zero by chance, and with it a p of 0; so the
    variance of a rounding error, step ** 2 / 12 for each result, is added. With step 0, differences that are all the
    same and not zero give p = 1: a spread that was not seen is not known to be zero.

    Raises `ValueError` for a setting without results, or one that is not finite.
    """
    one, other = by_seed([a, b])
    return differences(one[None], other[None], step)[0]


def by_seed(results: Sequence[Mapping[int, float]]) -> Floats:
    """Results as `(settings, seeds)`, NaN where a seed is missing; raises `ValueError` as `difference` does."""
    seeds = sorted({seed for of_one in results for seed in of_one})
    table = np.full((len(results), len(seeds)), np.nan)
    for row, of_one in zip(table, results, strict=True):
        if not of_one or not np.isfinite(list(of_one.values())).all():
            raise ValueError(f"results: got {dict(of_one)}, expected one seed or more, all results finite")
        row[np.searchsorted(seeds, list(of_one))] = list(of_one.values())
    return table


def differences(a: Floats, b: Floats, step: float = 0.0) -> list[Difference]:
    """Of each row of a minus the same row of b, `(rows, seeds)` both, NaN where a seed is missing; as `difference`."""
    sizes = np.isfinite(a).sum(axis=1), np.isfinite(b).sum(axis=1)
    shared = np.isfinite(a - b)
    paired = (shared.sum(axis=1) >= 2) & (2 * shared.sum(axis=1) >= np.minimum(*sizes))
    left_over = _in_order(np.where(shared, np.nan, a)) - _in_order(np.where(shared, np.nan, b))
    apart = np.hstack([a - b, np.where(paired[:, None], np.nan, left_over)])
    n, mean, sd, spread, effect = _summed_up(apart, _noise(a, b), step)
    p = p_value(effect * np.sqrt(n), n)
    columns = (n, *sizes, paired, mean, sd, spread, effect, p)
    return [
        Difference(int(n), (n_a, n_b), pairs, mean, _known(sd), _known(spread), _known(effect), p)
        for n, n_a, n_b, pairs, mean, sd, spread, effect, p in zip(*(each.tolist() for each in columns), strict=True)
    ]


def _in_order(results: Floats) -> Floats:
    """Each row's results in the order of seeds, `(rows, seeds)` as they came, without the seeds that have none."""
    return np.take_along_axis(results, np.argsort(np.isnan(results), axis=1, kind="stable"), axis=1)


def _summed_up(apart: Floats, noise: Floats, step: float) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """n, mean, sd, spread and effect of each row of differences; NaN where there is none. noise: `(rows,)`."""
    there = np.isfinite(apart)
    n = there.sum(axis=1).astype(float)  # one or more, for both settings have results
    mean = np.where(there, apart, 0.0).sum(axis=1) / n
    squares = np.where(there, (apart - mean[:, None]) ** 2, 0.0).sum(axis=1)
    mean = _without(noise, mean)
    with np.errstate(divide="ignore", invalid="ignore"):  # one difference has no spread
        sd = _without(noise, np.sqrt(squares / (n - 1)))
        spread = np.sqrt(sd**2 + step**2 / 6)
        effect = np.where(mean == 0, 0.0 * spread, np.where(spread > 0, mean / spread, np.nan))
    return n, mean, sd, spread, effect


def _noise(a: Floats, b: Floats) -> Floats:
    """Below what a number is but an error of floating point, `(rows,)`."""
    largest: Floats = np.nanmax(np.abs(np.hstack([a, b])), axis=1, initial=0.0)
    return NOISE * largest


def _without(noise: Floats, numbers: Floats) -> Floats:
    cleaned: Floats = np.where(np.abs(numbers) <= noise, 0.0, numbers)
    return cleaned


def _known(number: float) -> float | None:
    return None if isnan(number) else number
