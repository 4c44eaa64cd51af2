"""The first layer's weights at a few epochs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.snapshots import UNITS, VALUES, Snapshots, is_shown, snapshot


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def kept(dataset: Dataset, epochs: int, ended: int | None = None) -> Snapshots:
    snapshots = Snapshots()
    snapshots(Started(Network([64, 3, 10], rng=0), dataset, epochs))
    for epoch in range(epochs + 1):
        snapshots(EpochDone(epoch, {}))
    snapshots(Ended("FINISHED", epoch=ended or epochs))
    return snapshots


def test_epochs_are_shown_ever_further_apart() -> None:
    assert [epoch for epoch in range(1001) if is_shown(epoch)] == [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]


def test_the_last_epoch_is_always_shown(digits: Dataset) -> None:
    assert list(kept(digits, 30).epochs) == [0, 1, 2, 5, 10, 20, 30]
    assert list(kept(digits, 5).epochs) == [0, 1, 2, 5]


def test_the_network_is_shown_as_it_ends_though_that_be_of_an_earlier_epoch(digits: Dataset) -> None:
    assert list(kept(digits, 30, ended=13).epochs) == [0, 1, 2, 5, 10, 13, 20]


def test_of_examples_that_are_no_images_nothing_is_kept(digits: Dataset) -> None:
    assert not kept(replace(digits, shape=(64,)), 2).epochs


def test_a_snapshot_stays_what_it_was_when_the_network_learns(digits: Dataset) -> None:
    network, snapshots = Network([64, 3, 10], rng=0), Snapshots()
    snapshots(Started(network, digits, 1))
    snapshots(EpochDone(0, {}))
    before = network.weights[0].astype(np.float16)
    network.weights[0] += 1
    assert np.array_equal(snapshots.epochs[0], before)


@pytest.mark.parametrize(("inputs", "units", "shown"), [(64, 3, 3), (64, 500, UNITS), (VALUES // 2, 3, 2)])
def test_a_snapshot_is_of_so_many_units_as_can_be_seen(inputs: int, units: int, shown: int) -> None:
    assert snapshot(Network([inputs, units, 2], rng=0)).shape == (shown, inputs)


def test_weights_beyond_what_half_a_float_holds_are_finite() -> None:
    network = Network([4, 2], rng=0)
    network.weights[0][0, 0] = 1e30
    assert np.isfinite(snapshot(network)).all()
