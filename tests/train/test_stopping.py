"""Stopping rules: worked by hand on histories, and as the trainer asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from training import Steps, measured

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone
from nnexp.train.schedules.halve_on_plateau import HalveOnPlateau
from nnexp.train.stopping.base import Stopping
from nnexp.train.stopping.never import Never
from nnexp.train.stopping.no_improvement import NoImprovement
from nnexp.train.stopping.small_rate import SmallRate
from nnexp.train.stopping.target import Target
from nnexp.train.stopping.time import Time
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def trained(dataset: Dataset, steps: Steps) -> list[EpochDone]:
    return list(train(Network([64, 10, 10], rng=[0, 0]), dataset, steps))


def test_never_goes_on_whatever_comes() -> None:
    assert Never().reason(measured(0.9, 0.1, 0.0)) == ""


@pytest.mark.parametrize(
    ("validation", "stops"),
    [
        ([0.1], False),
        ([0.1, 0.5, 0.4], False),
        ([0.1, 0.5, 0.4, 0.4], True),
        ([0.1, 0.5, 0.4, 0.6], False),
        ([0.1, 0.5, 0.5, 0.5], True),  # as good is no improvement
        ([0.5, 0.1, 0.1], True),  # that of the untrained network counts as well
    ],
)
def test_no_improvement_in_2_stops_when_the_best_is_2_epochs_ago(validation: list[float], stops: bool) -> None:
    assert bool(NoImprovement(epochs=2).reason(measured(*validation))) == stops


def test_the_reason_names_the_epochs_and_the_best_accuracy() -> None:
    reason = NoImprovement(epochs=2).reason(measured(0.1, 0.5, 0.4, 0.4))
    assert reason == "no better validation accuracy in 2 epochs than 50.00 % in epoch 1"


def test_no_improvement_does_not_look_at_test_accuracy() -> None:
    history = [replace(each, metrics=each.metrics | {"test_accuracy": each.epoch}) for each in measured(0.1, 0.5, 0.4)]
    assert NoImprovement(epochs=1).reason(history)


@pytest.mark.parametrize(("validation", "stops"), [([0.1], False), ([0.1, 0.89], False), ([0.1, 0.9], True)])
def test_a_target_stops_when_it_is_reached(validation: list[float], stops: bool) -> None:
    assert bool(Target(accuracy=0.9).reason(measured(*validation))) == stops


def test_a_target_tells_what_was_reached() -> None:
    assert Target(accuracy=0.9).reason(measured(0.95)) == "validation accuracy is 95.00 %, 90.00 % was to be reached"


def timed(*seconds: float) -> list[EpochDone]:
    """The untrained network, then epochs that took so long."""
    return [EpochDone(0, {}), *(EpochDone(epoch, {"epoch_seconds": each}) for epoch, each in enumerate(seconds, 1))]


@pytest.mark.parametrize(("seconds", "stops"), [([], False), ([1.0, 0.9], False), ([1.0, 0.9, 0.1], True)])
def test_time_stops_when_the_seconds_of_all_epochs_are_over(seconds: list[float], stops: bool) -> None:
    assert bool(Time(seconds=2).reason(timed(*seconds))) == stops


def test_a_run_that_goes_on_counts_the_seconds_that_it_had_already(digits: Dataset) -> None:
    network, ticks = Network([64, 10], rng=0), iter([100.0, 100.5, 101.0])  # a third look would be an error
    past = [replace(each, metrics=each.metrics | {"validation_accuracy": 0.1}) for each in timed(2.0, 1.5)]
    steps = Steps(epochs=9, stopping=Time(seconds=4.5))
    assert [each.epoch for each in train(network, digits, steps, past, clock=lambda: next(ticks))] == [3]


def rated(*rates: float) -> list[EpochDone]:
    """The untrained network, then epochs with these learning rates."""
    return [EpochDone(0, {}), *(EpochDone(epoch, {"learning_rate": each}) for epoch, each in enumerate(rates, 1))]


@pytest.mark.parametrize(
    ("rates", "stops"),
    [([], False), ([8, 4, 2], False), ([8, 4, 2, 1], True), ([1, 8, 8], False), ([1, 8, 1], True)],
)
def test_small_rate_stops_at_a_share_of_the_highest_rate_so_far(rates: list[float], stops: bool) -> None:
    assert bool(SmallRate(share=1 / 8).reason(rated(*rates))) == stops


def test_a_run_without_rates_never_has_a_small_one() -> None:
    assert SmallRate().reason(measured(0.1, 0.2)) == ""


def test_halving_until_a_128th_ends_a_run_as_the_book_says(digits: Dataset) -> None:
    steps = Steps(epochs=99, eta=0.01, schedule=HalveOnPlateau(epochs=1), stopping=SmallRate())
    rates = [each.metrics["learning_rate"] for each in trained(digits, steps)[1:]]
    assert len(rates) < 99
    assert (rates[0], rates[-1]) == (0.01, 0.01 / 128)
    assert rates[-2] == 0.01 / 64


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (NoImprovement(epochs=0), "stopping.epochs: got 0, expected a whole number >= 1"),
        (
            Target(accuracy=97),
            "stopping.accuracy: got 97, expected a share of the validation examples, > 0 and <= 1, such as 0.97",
        ),
        (Time(seconds=0), "stopping.seconds: got 0, expected a number > 0"),
        (SmallRate(share=1), "stopping.share: got 1, expected a number > 0 and < 1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(rule: Stopping, problem: str) -> None:
    assert rule.problems() == [problem]


def test_only_no_improvement_goes_back_to_the_best_epoch_unless_it_is_asked_for() -> None:
    assert [kind for kind in Stopping.kinds() if Stopping.named(kind).restore_best] == ["no_improvement"]


def test_a_run_that_is_stopped_is_the_beginning_of_the_longer_one(digits: Dataset) -> None:
    stopped = trained(digits, Steps(epochs=40, stopping=NoImprovement(epochs=2)))
    longer = trained(digits, Steps(epochs=len(stopped) + 1))
    assert 2 < len(stopped) < 40
    assert [each.weights for each in stopped] == [each.weights for each in longer[: len(stopped)]]


def test_a_run_that_goes_on_after_its_stop_has_nothing_left_to_do(digits: Dataset) -> None:
    steps = Steps(epochs=9, stopping=NoImprovement(epochs=1))
    assert list(train(Network([64, 10], rng=0), digits, steps, measured(0.1, 0.9, 0.9))) == []


@pytest.mark.usefixtures("toys")
def test_a_class_is_all_that_a_new_rule_needs(digits: Dataset) -> None:
    @dataclass
    class AfterEpoch(Stopping):
        """A toy: stop after an epoch."""

        epoch: int = 2
        kind: str = "after_epoch"

        def reason(self, history: Sequence[EpochDone]) -> str:
            return "it is enough" if history[-1].epoch >= self.epoch else ""

    assert [each.epoch for each in trained(digits, Steps(epochs=9, stopping=Stopping.named("after_epoch")))] == [
        0,
        1,
        2,
    ]
