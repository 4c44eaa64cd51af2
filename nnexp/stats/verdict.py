"""The verdict on two settings: the one is significantly better, or it can't be told yet.

What is said holds however often one looks, after whichever seeds: the tests are those of `anytime`, and Holm's method
corrects them for all pairs. Of 10,000 simulated families of equal settings that were looked at after every seed up to
200, from the third on, one setting was ever said to beat another in 3.7 % (2 settings), 2.8 % (3) and 2.1 % (5). That
is of a family that stays the same; where a setting was added after every ten seeds, from 2 to 5, in 3.3 %.

Nothing is claimed from fewer than three seeds, for what they show misleads: where two of them make a t test claim a
difference of half a standard deviation, 15 of 100 claims name the wrong setting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from nnexp.stats.anytime import FEWEST
from nnexp.stats.difference import Difference, by_seed, differences
from nnexp.stats.holm import holm, weights
from nnexp.stats.power import MOST_MORE, more_seeds

ALPHA = 0.05
USUAL = 5  # seeds, when there is nothing yet to estimate from
UNIT = "points of test accuracy"


@dataclass(frozen=True)
class Verdict:
    """Of two settings, of which a is ahead, or equal, on the mean.

    difference: of a minus b. p: corrected for all comparisons that were made. weight: what Holm's correction divides
    5 % by for this one.
    """

    a: str
    b: str
    difference: Difference
    p: float
    weight: int = 1

    @property
    def significant(self) -> bool:
        """Whether a is better than b by more than chance."""
        return self.p < ALPHA

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the mean difference lies, at the level that Holm leaves: without zero just where it is significant.

        None where nothing is known of it.
        """
        return self.difference.interval(ALPHA / self.weight)

    @cached_property
    def more(self) -> tuple[int, int] | None:
        """How many more seeds may show it, at least and at most, as `more_seeds` says, at the level that Holm leaves.

        None if it is significant already, takes more than a hundred, or nothing is known to estimate it by. Where
        seeds are not shared, it is that many more for the smaller group, if the other has as many.
        """
        effect = self.difference.effect
        return None if self.significant or not effect else more_seeds(effect, self.difference.n, ALPHA / self.weight)

    @property
    def sentence(self) -> str:
        """The verdict in words: `relu beats tanh by 0.21 ± 0.08 points of test accuracy (5 seeds, p = 0.004)`."""
        return (
            f"{self.a} beats {self.b} by {self.lead}" if self.significant else f"{self.a} or {self.b}: {self.why_not}"
        )

    @property
    def lead(self) -> str:
        """By how much a is ahead, and how sure that is: `0.21 ± 0.08 points of test accuracy (5 seeds, p = 0.004)`."""
        mean, sd = _points(self.difference.mean), _points(self.difference.sd or 0.0)
        seeds = f"{self.difference.n} seeds" + ("" if self.difference.paired else " each")
        return f"{mean} ± {sd} {UNIT} ({seeds}, {p_text(self.p)})"

    @property
    def why_not(self) -> str:
        """Why it is not significant, and what it may take: `can't tell yet: about 12 to 60 more seeds`."""
        seen, points = self.difference, _points(self.difference.mean)
        if seen.n == 1:
            single = [name for name, size in zip((self.a, self.b), seen.sizes, strict=True) if size == 1]
            return f"can't tell from one seed {'each' if len(single) == 2 else f'of {single[0]}'}: try {USUAL}"
        if seen.mean == 0 and seen.sd == 0:
            return f"no difference at all in {seen.n} seeds"
        if seen.mean == 0:
            return f"equal on the mean of {seen.n} seeds"
        if seen.effect is None:
            return f"can't tell: {points} {UNIT} apart, but without any spread to judge them by"
        if self.more is None:
            return f"can't tell: to show a difference of {points} {UNIT} would take more than {MOST_MORE} more seeds"
        yet = f"from {seen.n} seeds" if seen.n < FEWEST else "yet"
        return f"can't tell {yet}: about {more_text(*self.more)}"


def verdicts(results: Mapping[str, Mapping[int, float]], step: float = 0.0) -> list[Verdict]:
    """The verdict of every pair of settings, in the mapping's order.

    results: of each setting by seed, shares (0 to 1). step: as for `difference`. p is corrected by Holm's method over
    all pairs, so that picking the best setting afterwards, by results that go with these, makes no false verdict
    likelier. Raises `ValueError` for a setting without results, or one that is not finite.
    """
    return verdicts_within([results], step)[0]


def verdicts_within(blocks: Sequence[Mapping[str, Mapping[int, float]]], step: float = 0.0) -> list[list[Verdict]]:
    """The same for several blocks of settings, which are compared within each: a list for each block.

    p is corrected over the pairs of all blocks together.
    """
    seen = [_differences(list(results.values()), step) for results in blocks]
    ps = [of_pair.p for of_block in seen for of_pair in of_block]
    corrected = iter(zip(holm(ps), weights(ps, ALPHA), strict=True))
    return [
        [
            _verdict(a, b, of_pair, *next(corrected))
            for (a, b), of_pair in zip(combinations(results, 2), of_block, strict=True)
        ]
        for results, of_block in zip(blocks, seen, strict=True)
    ]


def _differences(results: Sequence[Mapping[int, float]], step: float) -> list[Difference]:
    """Of every pair, in order."""
    table = by_seed(results)
    seen: list[Difference] = []
    for i, one in enumerate(table[:-1], start=1):  # each against all behind it: the memory of a row, not of all pairs
        seen += differences(np.broadcast_to(one, table[i:].shape), table[i:], step)
    return seen


def _verdict(a: str, b: str, seen: Difference, p: float, weight: int) -> Verdict:
    if seen.mean < 0:
        a, b, seen = b, a, seen.turned()
    return Verdict(a, b, seen, p, weight)


def more_text(least: int, most: int) -> str:
    """`12 to 60 more seeds`, `1 more seed`."""
    return f"{least if least == most else f'{least} to {most}'} more seed{'' if most == 1 else 's'}"


def _points(share: float) -> str:
    """A share in percentage points, `0.21`; what would be `0.00` with one digit more than nothing."""
    points = 100 * share
    return f"{points:.2f}" if points == 0 or points >= 0.005 else f"{points:.1g}"


def p_text(p: float) -> str:
    """`p = 0.004`, `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
