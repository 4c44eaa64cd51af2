"""What may be said of two settings: the one beats the other, or it can't be told yet.

Nothing is claimed from fewer than three seeds. Not because the test would be wrong: of 20,000 simulated pairs of equal
settings with two seeds each, 5.0 % had p < 0.05, and fewer with rounding. But what it finds misleads: it saw a true
difference of one standard deviation in 9 of 100 tries (with five seeds in 40), and made it look 17 times as large (1.7
times); and when it claimed a difference of half a standard deviation, 15 of 100 claims named the wrong setting (1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from nnexp.stats.difference import Difference, by_seed, differences
from nnexp.stats.many import holm, weights
from nnexp.stats.power import seeds_needed

ALPHA = 0.05
FEWEST = 3  # seeds that a claim takes
MOST_MORE = 100  # seeds: what would take more of them is not foreseen
USUAL = 5  # seeds, when there is nothing yet to foresee from


@dataclass(frozen=True)
class Verdict:
    """Of two settings, of which a is ahead, or equal, on the mean.

    difference: of a minus b. p: corrected for all comparisons that were made. weight: by how much Holm's correction
    multiplied its p: the number of hypotheses that it was weighed with.
    """

    a: str
    b: str
    difference: Difference
    p: float
    weight: int = 1

    @property
    def told(self) -> bool:
        """Whether a may be said to beat b."""
        return self.p < ALPHA and self.difference.n >= FEWEST

    @cached_property
    def more(self) -> int | None:
        """About how many more seeds would tell; None if it is told already, or more than a hundred, or not foreseeable.

        So many that a difference of the size seen is found in four of five tries, at the level Holm leaves for it: 5 %
        divided by weight. Without pairs it is that many more for the smaller group, if the other has as many.
        """
        effect, n = self.difference.effect, self.difference.n
        if self.told or not effect:
            return None
        needed = seeds_needed(effect, ALPHA / self.weight, paired=self.difference.paired)
        more = MOST_MORE + 1 if needed is None else max(needed - n, 1)
        return more if more <= MOST_MORE else None

    @property
    def sentence(self) -> str:
        """The verdict in words, in percentage points: `relu beats tanh by 0.21 ± 0.08 points (5 seeds, p = 0.004)`."""
        if self.told:
            mean, sd = _points(self.difference.mean), _points(self.difference.sd or 0.0)
            return f"{self.a} beats {self.b} by {mean} ± {sd} points ({self._seeds}, {p_text(self.p)})"
        return f"{self.a} or {self.b}: {self._why_not}"

    @property
    def _seeds(self) -> str:
        a, b = self.difference.sizes
        return f"{a} seeds" if self.difference.paired else f"{a} and {b} seeds"

    @property
    def _why_not(self) -> str:
        seen = self.difference
        if seen.n == 1:
            single = [name for name, size in zip((self.a, self.b), seen.sizes, strict=True) if size == 1]
            return f"can't tell from one seed {'each' if len(single) == 2 else f'of {single[0]}'}: try {USUAL}"
        if seen.mean == 0 and seen.sd == 0:
            return "no difference at all"
        if seen.effect is None:
            return f"can't tell: {_points(seen.mean)} points apart, but without any spread to judge them by"
        if self.more is not None:
            if seen.n < FEWEST:
                return f"can't tell from {seen.n} seeds: about {self.more} more seed{'' if self.more == 1 else 's'}"
            return f"can't tell yet: about {self.more} more seed{'' if self.more == 1 else 's'}"
        return f"can't tell: a difference of {_points(seen.mean)} points would take more than {MOST_MORE} more seeds"


def verdicts(results: Mapping[str, Mapping[int, float]], step: float = 0.0) -> list[Verdict]:
    """The verdict of every pair of settings, in the mapping's order.

    results: of each setting by seed, shares (0 to 1). step: as for `difference`. p is corrected by Holm's method over
    all pairs, so that picking the best setting afterwards, by results that go with these, makes no false verdict
    likelier. Raises `ValueError` for a setting without results, or one that is not finite.
    """
    table = by_seed(list(results.values()))
    seen: list[Difference] = []
    for i, one in enumerate(table[:-1], start=1):  # each against all behind it: the memory of a row, not of all pairs
        seen += differences(np.broadcast_to(one, table[i:].shape), table[i:], step)
    ps = [of_pair.p for of_pair in seen]
    return [
        _verdict(a, b, *of_pair)
        for (a, b), of_pair in zip(combinations(results, 2), zip(seen, holm(ps), weights(ps), strict=True), strict=True)
    ]


def _verdict(a: str, b: str, seen: Difference, p: float, weight: int) -> Verdict:
    if seen.mean < 0:
        a, b, seen = b, a, seen.turned()
    return Verdict(a, b, seen, p, weight)


def _points(share: float) -> str:
    """A share in percentage points, `0.21`; what would be `0.00` with one digit more than nothing."""
    points = 100 * share
    return f"{points:.2f}" if points == 0 or points >= 0.005 else f"{points:.1g}"


def p_text(p: float) -> str:
    """`p = 0.004`, `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
