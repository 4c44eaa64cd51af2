"""How long an epoch takes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from training import Steps

from nnexp.data.augmentations.base import Augmentation
from nnexp.data.augmentations.none import NoAugmentation
from nnexp.data.augmentations.shift import Shift
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.timing import seconds_per_epoch


@pytest.mark.parametrize(("augment", "making"), [(NoAugmentation(), 0.0), (Shift(), 1.197)])
def test_the_pace_is_of_a_whole_epoch_and_its_evaluation(augment: Augmentation, making: float) -> None:
    """Every look at the clock takes a second: one part of 500 examples is trained, in three, and one is evaluation.

    In one more, 1,000 images are made.
    """
    seconds = itertools.count(0.0)
    digits = Digits().load()
    network = Network([64, 10, 10], rng=0)
    pace = seconds_per_epoch(network, digits, Steps(augment=augment), seconds=2, clock=lambda: next(seconds))
    assert pace == pytest.approx(3 / 500 * len(digits.train) + 1 + making)


def test_what_comes_before_the_first_step_is_no_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first step that takes as long as compiling does."""
    now, network, digits = [0.0], Network([64, 10, 10], rng=0), Digits().load()
    train = Network.train_epoch

    def slow_at_first(self: Network, *given: Any) -> float:
        now[0] += 10 if now[0] == 0 else 1
        return train(self, *given)

    monkeypatch.setattr(Network, "train_epoch", slow_at_first)
    pace = seconds_per_epoch(network, digits, Steps(), seconds=2, clock=lambda: now[0])
    assert pace == pytest.approx(2 / 1000 * len(digits.train))
