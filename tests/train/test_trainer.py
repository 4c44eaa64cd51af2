"""The loop over epochs: its events, its order, its rates, its stops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from training import Steps, measured

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone
from nnexp.train.trainer import epoch_order, train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def trained(dataset: Dataset, seed: int = 0, epochs: int = 3) -> tuple[Network, list[EpochDone]]:
    network = Network([64, 10, 10], rng=[seed, 0])
    return network, list(train(network, dataset, Steps(epochs=epochs, seed=seed)))


def test_there_is_an_event_for_the_untrained_network_and_one_for_each_epoch(digits: Dataset) -> None:
    _, events = trained(digits)
    assert [event.epoch for event in events] == [0, 1, 2, 3]


def test_the_untrained_network_has_accuracies_alone(digits: Dataset) -> None:
    _, events = trained(digits, epochs=1)
    assert set(events[0].metrics) == {"test_accuracy", "validation_accuracy"}
    assert events[0].metrics["test_accuracy"] < 0.3


def test_the_metrics_of_an_epoch_are_measured_on_the_network_as_it_is_then(digits: Dataset) -> None:
    network, events = trained(digits)
    metrics = events[-1].metrics
    assert metrics["test_accuracy"] == network.evaluate(digits.test) / 300
    assert metrics["validation_accuracy"] == network.evaluate(digits.validation) / 300


def test_seconds_come_from_the_clock_that_is_given(digits: Dataset) -> None:
    ticks = itertools.count(0, 2.0)  # an epoch reads it three times: at its start, when trained, when evaluated
    network = Network([64, 10, 10], rng=0)
    events = train(network, digits, Steps(epochs=1), clock=lambda: next(ticks))
    *_, last = events
    assert last.metrics["epoch_seconds"] == 4.0
    assert last.metrics["examples_per_second"] == 1197 / 2.0


def test_the_same_seed_gives_the_same_weights_bit_for_bit_and_another_seed_others(digits: Dataset) -> None:
    first, again, other = (trained(digits, seed)[0].weights[0].tobytes() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_order_of_an_epoch_is_a_permutation_that_depends_on_seed_and_epoch_alone() -> None:
    order = epoch_order(seed=3, epoch=2, n=100)
    assert sorted(order) == list(range(100))
    np.testing.assert_array_equal(order, epoch_order(3, 2, 100))
    assert (order != epoch_order(3, 1, 100)).any()
    assert (order != epoch_order(2, 2, 100)).any()


def test_the_order_of_an_epoch_is_made_from_seed_1_and_epoch() -> None:
    np.testing.assert_array_equal(epoch_order(3, 2, 100), np.random.default_rng([3, 1, 2]).permutation(100))


def test_a_network_that_has_epoch_0_behind_it_goes_on_with_epoch_1(digits: Dataset) -> None:
    network = Network([64, 10, 10], rng=0)
    events = train(network, digits, Steps(epochs=1), measured(0.1))
    assert [event.epoch for event in events] == [1]
