"""How long an epoch takes."""

from __future__ import annotations

import itertools

import pytest

from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.timing import seconds_per_epoch


def test_the_pace_is_of_a_whole_epoch_and_its_evaluation() -> None:
    """Every look at the clock takes a second: one part of 500 examples is trained, in three, and one is evaluation."""
    seconds = itertools.count(0.0)
    digits = Digits().load()
    network = Network([64, 10, 10], rng=0)
    pace = seconds_per_epoch(network, digits, 10, seconds=2, clock=lambda: next(seconds))
    assert pace == pytest.approx(3 / 500 * len(digits.train) + 1)
