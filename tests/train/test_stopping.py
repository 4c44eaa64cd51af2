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
from nnexp.train.stopping.base import Stopping
from nnexp.train.stopping.never import Never
from nnexp.train.stopping.no_improvement import NoImprovement
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


def test_a_number_of_epochs_that_makes_no_sense_is_refused_by_name() -> None:
    assert NoImprovement(epochs=0).problems() == ["stopping.epochs: got 0, expected a whole number >= 1"]


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
