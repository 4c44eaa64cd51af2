"""The best epoch's weights."""

from __future__ import annotations

import pytest

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.best import Best
from nnexp.train.events import Ended, EpochDone, Started, Status


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def network() -> Network:
    return Network([64, 12, 10], rng=[0, 0])


def test_the_best_weights_are_those_of_the_first_of_several_equal_epochs(digits: Dataset) -> None:
    new, best = network(), Best()
    best(Started(new, digits, 3))
    for epoch in range(2):
        new.biases[0][:] = epoch
        best(EpochDone(epoch, {"validation_accuracy": 0.9}))
    assert (best.arrays["biases_1"] == 0).all()


def test_the_best_weights_are_those_of_the_epoch_with_the_best_validation_accuracy(digits: Dataset) -> None:
    new, best = network(), Best()
    best(Started(new, digits, 3))
    for epoch, accuracy in enumerate([0.1, 0.9, 0.8]):
        new.biases[0][:] = epoch
        best(EpochDone(epoch, {"validation_accuracy": accuracy}))
    assert (best.arrays["biases_1"] == 1).all()


@pytest.mark.parametrize(
    ("restored", "status", "bias"), [(True, "FINISHED", 1), (False, "FINISHED", 2), (True, "KILLED", 2)]
)
def test_a_finished_network_gets_its_best_weights_back_where_that_is_asked_for(
    digits: Dataset, restored: bool, status: Status, bias: int
) -> None:
    new, best = network(), Best(restored)
    best(Started(new, digits, 2))
    for epoch, accuracy in enumerate([0.1, 0.9, 0.8]):
        new.biases[0][:] = epoch
        best(EpochDone(epoch, {"validation_accuracy": accuracy}))
    best(Ended(status))
    assert (new.biases[0] == bias).all()
