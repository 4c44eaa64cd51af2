"""Two settings over their seeds: how far apart they are, and how likely chance alone would put them there.

Seeds that both settings were run with make pairs: the same seed means the same first weights and the same order of
examples, and what a seed does to both cancels. The tests are about other seeds on the same test images; what other
images would say is McNemar's question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isnan

import numpy as np
from scipy import special, stats

from nnexp.stats.interval import Floats, interval

NOISE = 1e-12  # of floating point, relative to the results: what is smaller is zero


@dataclass(frozen=True)
class Difference:
    """Of setting a minus setting b.

    n: pairs of results; without pairs, the results of the smaller group. mean: of a minus b, over the pairs if paired.
    sd: of the differences over the pairs; without pairs, the pooled standard deviation of the results. effect: mean in
    standard deviations with what rounding adds, Cohen's d_z for pairs, else Hedges' g (Distribution theory for Glass's
    estimator of effect size, 1981). p: two-sided, of the paired t test or Welch's; 1 where nothing can be said.
    sd and effect are None for n < 2, and effect is where no spread was seen and nothing is known of rounding.
    results: a's and b's by seed, NaN where a seed is missing. step: what they are multiples of.
    """

    n: int
    paired: bool
    mean: float
    sd: float | None
    effect: float | None
    p: float
    results: tuple[Floats, Floats] = field(repr=False, compare=False)
    step: float = 0.0

    @property
    def sizes(self) -> tuple[int, int]:
        """How many results of a and of b it is made from."""
        a, b = self._used
        return len(a), len(b)

    @property
    def low(self) -> float | None:
        """Lower end of the 95 % bootstrap interval of the mean difference; None for n < 2."""
        return None if self.n < 2 else self._interval[0]

    @property
    def high(self) -> float | None:
        """Upper end of it."""
        return None if self.n < 2 else self._interval[1]

    def turned(self) -> Difference:
        """The difference of b minus a."""
        effect = None if self.effect is None else -self.effect
        return replace(self, mean=-self.mean, effect=effect, results=self.results[::-1])

    @cached_property
    def _interval(self) -> tuple[float, float]:  # worked out when asked for: it takes 200 times longer than all else
        return interval(*self._used, self.paired, self.step)

    @property
    def _used(self) -> tuple[Floats, Floats]:
        a, b = self.results
        if self.paired:
            shared = np.isfinite(a - b)
            return a[shared], b[shared]
        return a[np.isfinite(a)], b[np.isfinite(b)]


def difference(a: Mapping[int, float], b: Mapping[int, float], step: float = 0.0) -> Difference:
    """Of a minus b, which are results by seed.

    Paired on the shared seeds where at least two are shared and they are half of the smaller group or more; else
    Welch's test on all results. step: results are multiples of it (1 / number of test images); 0 if they are not
    rounded. Rounding can make a spread of zero by chance, and with it a p of 0; so the variance of a rounding error,
    step ** 2 / 12 for each result, is added. With step 0, differences that are all the same and not zero give p = 1: a
    spread that was not seen is not known to be zero.

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
    shared = np.isfinite(a - b).sum(axis=1)
    smaller = np.minimum(np.isfinite(a).sum(axis=1), np.isfinite(b).sum(axis=1))
    paired = (shared >= 2) & (2 * shared >= smaller)
    with np.errstate(divide="ignore", invalid="ignore"):  # where the other test is the one
        rows = np.where(paired, _of_pairs(a, b, step), _of_groups(a, b, step))
    return [
        Difference(int(n), pairs, mean, _known(sd), _known(effect), 1.0 if isnan(p) else p, (of_a, of_b), step)
        for pairs, (n, mean, sd, effect, p), of_a, of_b in zip(paired.tolist(), rows.T.tolist(), a, b, strict=True)
    ]


def _of_pairs(a: Floats, b: Floats, step: float) -> Floats:
    """n, mean, sd, effect and p of the paired t test, each `(rows,)`; NaN where there is none."""
    n, mean, sd = _moments(a - b, _noise(a, b))
    effect = _in_spreads(mean, np.sqrt(sd**2 + step**2 / 6))
    return np.array([n, mean, sd, effect, 2 * special.stdtr(n - 1, -np.abs(effect) * np.sqrt(n))])


def _of_groups(a: Floats, b: Floats, step: float) -> Floats:
    """The same of Welch's test."""
    noise, rounding = _noise(a, b), step**2 / 12
    (n_a, mean_a, sd_a), (n_b, mean_b, sd_b) = _moments(a, noise), _moments(b, noise)
    mean, freedom = _without(noise, mean_a - mean_b), n_a + n_b - 2
    sd = np.sqrt(((n_a - 1) * sd_a**2 + (n_b - 1) * sd_b**2) / freedom)
    effect = (1 - 3 / (4 * freedom - 1)) * _in_spreads(mean, np.sqrt(sd**2 + rounding))
    spread_a, spread_b = np.sqrt(sd_a**2 + rounding), np.sqrt(sd_b**2 + rounding)
    p = stats.ttest_ind_from_stats(mean, spread_a, n_a, 0.0, spread_b, n_b, equal_var=False).pvalue
    return np.array([np.minimum(n_a, n_b), mean, sd, effect, np.where(np.isnan(effect), np.nan, p)])


def _moments(values: Floats, noise: Floats) -> tuple[Floats, Floats, Floats]:
    """How many numbers each row has, their mean, and their standard deviation, which is NaN for one number."""
    there = np.isfinite(values)
    n = there.sum(axis=1).astype(float)
    mean = np.where(there, values, 0.0).sum(axis=1) / n
    squares = np.where(there, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return n, _without(noise, mean), _without(noise, np.sqrt(squares / (n - 1)))


def _in_spreads(mean: Floats, spread: Floats) -> Floats:
    """The mean in standard deviations: 0 if it is 0; NaN if it is not, and no spread is known."""
    effect: Floats = np.where(mean == 0, 0.0 * spread, np.where(spread > 0, mean / spread, np.nan))
    return effect


def _noise(a: Floats, b: Floats) -> Floats:
    """Below what a number is but an error of floating point, `(rows,)`."""
    largest: Floats = np.nanmax(np.abs(np.hstack([a, b])), axis=1, initial=0.0)
    return NOISE * largest


def _without(noise: Floats, numbers: Floats) -> Floats:
    cleaned: Floats = np.where(np.abs(numbers) <= noise, 0.0, numbers)
    return cleaned


def _known(number: float) -> float | None:
    return None if isnan(number) else number
