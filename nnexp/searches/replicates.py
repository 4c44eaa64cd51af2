"""Which settings get a further seed: those that may still win.

Seeds are the resource of asynchronous successive halving (L. Li and others, A System for Massively Parallel
Hyperparameter Tuning, MLSys 2020), with half of the settings kept from one seed to the next: after its k-th seed a
setting gets another if its mean over k seeds is among the better half of all that have so many, itself included. It is
asked as soon as a seed has ended, so nobody waits for a round to be complete; the first of a round always goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

from nnexp.study.objectives import dominates

Values = tuple[float, ...]  # one for each objective


def mean(of_seeds: Sequence[Sequence[float]]) -> Values:
    """Each objective's mean over seeds."""
    return tuple(sum(values) / len(of_seeds) for values in zip(*of_seeds, strict=True))


def may_still_win(values: Values, others: Sequence[Values], objectives: list[str]) -> bool:
    """Whether a setting with these means is among the better half. others: of those with as many seeds, without it.

    With several objectives, better is what dominates.
    """
    better = sum(dominates(other, values, objectives) for other in others)
    return better < max(1, (len(others) + 1) // 2)
