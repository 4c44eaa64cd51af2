"""Schedules: the learning rate of each epoch, worked by hand, and as the trainer asks for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from training import Steps, measured

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY
from nnexp.train.schedules.base import Schedule
from nnexp.train.schedules.constant import Constant
from nnexp.train.schedules.cosine import Cosine
from nnexp.train.schedules.exponential import Exponential
from nnexp.train.schedules.halve_on_plateau import HalveOnPlateau
from nnexp.train.schedules.inverse_time import InverseTime
from nnexp.train.schedules.one_cycle import OneCycle
from nnexp.train.schedules.polynomial import Polynomial
from nnexp.train.schedules.step import Step
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def trained(dataset: Dataset, steps: Steps) -> list[EpochDone]:
    return list(train(Network([64, 10, 10], rng=[0, 0]), dataset, steps))


def rates(schedule: Schedule, epochs: int, eta: float = 1.0) -> list[float]:
    return [schedule.rate(eta, epoch, epochs, ()) for epoch in range(1, epochs + 1)]


ROOT = 2**-0.5  # the cosine of 45 degrees

CLOSED_FORMS: list[tuple[Schedule, list[float]]] = [
    (Constant(), [1, 1, 1, 1]),
    (Step(every=2, factor=0.5), [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]),
    (Exponential(factor=0.5), [1, 0.5, 0.25, 0.125]),
    (InverseTime(decay=0.5), [1, 1 / 1.5, 1 / 2, 1 / 2.5, 1 / 3]),
    (Polynomial(), [1, 0.75, 0.5, 0.25]),
    (Polynomial(power=2, end=0.2), [1, 0.65, 0.4, 0.25]),
    (Cosine(), [1, (1 + ROOT) / 2, 0.5, (1 - ROOT) / 2]),
    (Cosine(end=0.5), [1, (3 + ROOT) / 4, 0.75, (3 - ROOT) / 4]),
    (OneCycle(rise=0.5, start=0.2, end=0), [0.2, 0.6, 1, 0.5]),
    (OneCycle(rise=0.25, start=0.2, end=0.1), [0.2, 1, 0.775, 0.325]),
    (Constant(warm_up=3), [0.25, 0.5, 0.75, 1, 1]),
    (Polynomial(warm_up=1), [0.5, 1, 0.75, 0.5, 0.25]),
    (Step(every=1, factor=0.5, warm_up=2), [1 / 3, 2 / 3, 1, 0.5]),
    (Cosine(warm_up=9), [0.1, 0.2]),
]


@pytest.mark.parametrize(("schedule", "expected"), CLOSED_FORMS)
def test_the_rates_are_those_worked_by_hand(schedule: Schedule, expected: list[float]) -> None:
    assert rates(schedule, len(expected)) == pytest.approx(expected)


def test_eta_is_what_is_multiplied() -> None:
    assert rates(Step(every=1, factor=0.5, warm_up=1), 4, eta=8.0) == [4, 8, 4, 2]


OPTAX: list[tuple[Schedule, Callable[[float], float]]] = [  # as optax and PyTorch write them, with T = 60 steps
    (Exponential(factor=0.9), lambda t: 0.9**t),
    (Polynomial(power=1.5, end=0.1), lambda t: (1 - 0.1) * (1 - t / 60) ** 1.5 + 0.1),
    (Cosine(end=0.1), lambda t: (1 - 0.1) * 0.5 * (1 + math.cos(math.pi * t / 60)) + 0.1),
    (OneCycle(), lambda t: anneal(1 / 25, 1, t / 18) if t <= 18 else anneal(1, 1 / 25e4, (t - 18) / 42)),
]


def anneal(begin: float, end: float, share: float) -> float:
    """`_cos_annealing` of PyTorch's `OneCycleLR`."""
    return end + (begin - end) / 2.0 * (math.cos(math.pi * share) + 1)


@pytest.mark.parametrize(("schedule", "formula"), OPTAX)
def test_epochs_are_what_steps_are_elsewhere(schedule: Schedule, formula: Callable[[float], float]) -> None:
    assert rates(schedule, 60) == pytest.approx([formula(step) for step in range(60)], rel=1e-12)


@pytest.mark.parametrize(
    ("validation", "multiplier"),
    [
        ([0.1], 1),
        ([0.1, 0.5, 0.4], 1),
        ([0.1, 0.5, 0.5, 0.4], 0.5),  # as good is no improvement
        ([0.1, 0.5, 0.5, 0.4, 0.4], 0.5),  # after a halving the epochs are counted anew
        ([0.1, 0.5, 0.5, 0.4, 0.4, 0.5], 0.25),
        ([0.1, 0.5, 0.5, 0.4, 0.6, 0.1, 0.2], 0.25),
        ([0.5, 0.1, 0.1], 0.5),  # that of the untrained network counts as well
    ],
)
def test_the_rate_is_halved_when_2_epochs_were_no_better(validation: list[float], multiplier: float) -> None:
    history = measured(*validation)
    assert HalveOnPlateau(epochs=2).rate(8.0, len(history), 99, history) == 8 * multiplier


def test_a_plateau_in_the_warm_up_is_none() -> None:
    schedule, flat = HalveOnPlateau(epochs=2, warm_up=3), measured(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
    found = [schedule.rate(8.0, epoch, 99, flat[:epoch]) for epoch in range(1, 7)]
    assert found == [2, 4, 6, 8, 8, 4]


def test_a_plateau_does_not_look_at_test_accuracy() -> None:
    history = [replace(each, metrics=each.metrics | {"test_accuracy": each.epoch}) for each in measured(0.1, 0.1, 0.1)]
    assert HalveOnPlateau(epochs=2).rate(1.0, 3, 99, history) == 0.5


def test_a_rate_that_has_fallen_below_every_number_is_0() -> None:
    assert Step(every=1, factor=0.1).rate(1.0, 10**6, 10**6, ()) == 0.0


@pytest.mark.parametrize("kind", Schedule.kinds())
def test_no_epoch_has_a_rate_below_0_or_above_eta(kind: str) -> None:
    schedule = Schedule.named(kind)
    found = [schedule.rate(1.0, epoch, 7, measured(*[0.1] * epoch)) for epoch in range(1, 8)]
    assert all(0 < rate <= 1 for rate in found)


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        (Step(every=0), "schedule.every: got 0, expected a whole number >= 1"),
        (Step(factor=1.0), "schedule.factor: got 1.0, expected a number > 0 and < 1"),
        (Exponential(factor=0.0), "schedule.factor: got 0.0, expected a number > 0 and < 1"),
        (InverseTime(decay=0.0), "schedule.decay: got 0.0, expected a number > 0"),
        (Polynomial(power=0.0), "schedule.power: got 0.0, expected a number > 0"),
        (Cosine(end=1.0), "schedule.end: got 1.0, expected a number >= 0 and < 1"),
        (OneCycle(rise=1.0), "schedule.rise: got 1.0, expected a number > 0 and < 1"),
        (HalveOnPlateau(epochs=0), "schedule.epochs: got 0, expected a whole number >= 1"),
        (Constant(warm_up=-1), "schedule.warm_up: got -1, expected a whole number >= 0"),
        (
            OneCycle(warm_up=2),
            "schedule.warm_up: got 2, but one_cycle begins with a rise of its own: schedule.rise",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(schedule: Schedule, problem: str) -> None:
    assert schedule.problems() == [problem]


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
    warmed = trained(digits, Steps(epochs=2, schedule=Constant(warm_up=1)))
    assert [each.metrics.get("learning_rate") for each in warmed] == [None, 1.5, 3.0]


def test_the_trainer_tells_a_schedule_how_many_epochs_there_are(digits: Dataset) -> None:
    fell = trained(digits, Steps(epochs=4, schedule=Polynomial()))
    assert [each.metrics["learning_rate"] for each in fell[1:]] == [3.0, 2.25, 1.5, 0.75]


@pytest.mark.usefixtures("toys")
def test_a_class_is_all_that_a_new_schedule_needs(digits: Dataset) -> None:
    @dataclass
    class HalvedWhenWorse(Schedule):
        """A toy: half of eta after an epoch that was worse than the one before."""

        kind: str = "halved_when_worse"

        def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
            *_, before, last = [0.0, *(each.metrics[CHOSEN_BY] for each in history)]
            return 0.5 if last < before else 1.0

    past = measured(0.1, 0.9, 0.5)
    (event,) = train(Network([64, 10], rng=0), digits, Steps(schedule=Schedule.named("halved_when_worse")), past)
    assert event.metrics["learning_rate"] == 1.5


def test_a_run_whose_schedule_has_brought_it_to_rest_goes_on_to_its_end(digits: Dataset) -> None:
    epochs = trained(digits, Steps(epochs=4, eta=0.5, schedule=Exponential(factor=1e-12)))
    assert epochs[-1].epoch == 4
    assert epochs[-1].weights == epochs[2].weights
