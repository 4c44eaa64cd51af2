"""Schedules: the learning rate of each epoch, worked by hand, and as the trainer asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from training import Steps, measured

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY
from nnexp.train.schedules.base import Schedule
from nnexp.train.schedules.constant import Constant
from nnexp.train.schedules.step import Step
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def trained(dataset: Dataset, steps: Steps) -> list[EpochDone]:
    return list(train(Network([64, 10, 10], rng=[0, 0]), dataset, steps))


def test_a_constant_rate_is_eta_whatever_the_epoch() -> None:
    assert [Constant().rate(3.0, epoch, ()) for epoch in (1, 2, 1000)] == [3.0, 3.0, 3.0]


def test_a_step_comes_after_every_so_many_epochs() -> None:
    schedule = Step(every=2, factor=0.5)
    assert [schedule.rate(8.0, epoch, ()) for epoch in range(1, 8)] == [8, 8, 4, 4, 2, 2, 1]


def test_a_rate_that_has_fallen_below_every_number_is_0() -> None:
    assert Step(every=1, factor=0.1).rate(1.0, 10**6, ()) == 0.0


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"every": 0}, "schedule.every: got 0, expected a whole number >= 1"),
        ({"factor": 1.0}, "schedule.factor: got 1.0, expected a number > 0 and < 1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(settings: dict[str, Any], problem: str) -> None:
    assert Step(**settings).problems() == [problem]


def test_a_rate_that_steps_is_that_of_runs_with_these_rates_one_after_the_other(digits: Dataset) -> None:
    stepped = trained(digits, Steps(epochs=3, schedule=Step(every=2, factor=0.5)))
    network = Network([64, 10, 10], rng=[0, 0])
    first = list(train(network, digits, Steps(epochs=2, eta=3.0)))
    then = list(train(network, digits, Steps(epochs=3, eta=1.5), first))
    assert [each.weights for each in stepped] == [each.weights for each in (*first, *then)]


def test_a_rate_that_changes_is_a_metric_of_each_epoch_and_a_constant_one_is_not(digits: Dataset) -> None:
    stepped = trained(digits, Steps(epochs=3, schedule=Step(every=2, factor=0.5)))
    assert [each.metrics.get("learning_rate") for each in stepped] == [None, 3.0, 3.0, 1.5]
    assert not any("learning_rate" in each.metrics for each in trained(digits, Steps(epochs=1)))


@pytest.mark.usefixtures("toys")
def test_a_class_is_all_that_a_new_schedule_needs(digits: Dataset) -> None:
    @dataclass
    class HalvedWhenWorse(Schedule):
        """A toy: half of eta after an epoch that was worse than the one before."""

        kind: str = "halved_when_worse"

        def rate(self, eta: float, epoch: int, history: Sequence[EpochDone]) -> float:
            *_, before, last = [eta, *(each.metrics[CHOSEN_BY] for each in history)]
            return eta / 2 if len(history) > 1 and last < before else eta

    past = measured(0.1, 0.9, 0.5)
    (event,) = train(Network([64, 10], rng=0), digits, Steps(schedule=Schedule.named("halved_when_worse")), past)
    assert event.metrics["learning_rate"] == 1.5
