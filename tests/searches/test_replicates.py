"""Which settings get a further seed."""

from __future__ import annotations

import pytest

from nnexp.searches.replicates import may_still_win, mean
from nnexp.study.objectives import SECONDS, VALIDATION


@pytest.mark.parametrize(
    ("value", "others", "goes_on"),
    [
        (0.5, [], True),  # the first of all
        (0.5, [0.9], False),
        (0.9, [0.5], True),
        (0.8, [0.9, 0.5, 0.4], True),  # the second of four
        (0.5, [0.9, 0.8, 0.4], False),  # the third of four
        (0.8, [0.9, 0.5], False),  # the second of three: half of them is one
        (0.9, [0.9], True),  # as good as the best
    ],
)
def test_the_better_half_goes_on(value: float, others: list[float], goes_on: bool) -> None:
    assert may_still_win((value,), [(other,) for other in others], [VALIDATION]) is goes_on


def test_with_several_objectives_what_is_not_dominated_goes_on() -> None:
    others = [(0.9, 10.0), (0.8, 9.0)]
    assert may_still_win((0.5, 1.0), others, [VALIDATION, SECONDS])
    assert not may_still_win((0.5, 11.0), others, [VALIDATION, SECONDS])


def test_a_mean_is_taken_of_each_objective() -> None:
    assert mean([(0.5, 2.0), (1.0, 4.0)]) == (0.75, 3.0)
