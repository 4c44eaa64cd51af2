"""An epoch's examples: what they are, and the thread that makes them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest
from configs import config
from training import Steps

from nnexp.config.checks import check_against
from nnexp.data.augmentations.elastic import Elastic
from nnexp.data.augmentations.none import NoAugmentation
from nnexp.data.augmentations.shift import Shift
from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.errors import ConfigError, Diverged
from nnexp.nn.arrays import Array
from nnexp.nn.network import Network
from nnexp.runner.preparation import memory_needed
from nnexp.train.ahead import epoch_examples
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def threads() -> int:
    return sum(each.name == "images of the next epoch" for each in threading.enumerate())


def test_without_augmentation_they_are_the_examples_that_were_read(digits: Dataset) -> None:
    with epoch_examples(NoAugmentation(), digits, 0, 2) as examples_of:
        assert examples_of(1) is digits.train
        assert threads() == 0


def test_they_are_a_function_of_seed_and_epoch_whichever_was_asked_for_before(digits: Dataset) -> None:
    with epoch_examples(Elastic(), digits, 5, 9) as one, epoch_examples(Elastic(), digits, 5, 9) as other:
        for epoch in (1, 2, 3):
            found = one(epoch)
        expected = np.empty((len(digits.train), 8, 8, 1), digits.train.x.dtype)
        Elastic().epoch(digits.train.x.reshape(-1, 8, 8, 1), np.random.default_rng([5, 3, 3]), expected)
        np.testing.assert_array_equal(found.x, expected.reshape(-1, 64))
        np.testing.assert_array_equal(other(3).x, found.x)
        assert found.y is digits.train.y
        assert found.scale == digits.train.scale


def test_after_the_last_epoch_none_is_made(digits: Dataset) -> None:
    with epoch_examples(Elastic(), digits, 0, 2) as examples_of:
        examples_of(1)
        examples_of(2)
        assert threads() == 0


@dataclass
class Waiting(Shift):  # of a part, for below the group's own class it would be one of its kinds
    """Makes the first epoch, and then nothing until nobody wants it."""

    kind: str = "waiting"

    def epoch(self, images: Array, rng: np.random.Generator, out: Array, given_up=lambda: False) -> None:  # type: ignore[no-untyped-def]
        if rng.bit_generator.seed_seq.entropy == [0, 3, 1]:  # type: ignore[attr-defined]
            out[:] = images
            return
        while not given_up():
            time.sleep(0.001)


@dataclass
class Failing(Waiting):
    kind: str = "failing"

    def epoch(self, images: Array, rng: np.random.Generator, out: Array, given_up=lambda: False) -> None:  # type: ignore[no-untyped-def]
        raise MemoryError("no room")


def test_who_stops_in_the_middle_leaves_no_thread(digits: Dataset) -> None:
    training = train(Network([64, 10]), digits, Steps(epochs=9, augment=Waiting()))
    next(training)
    next(training)
    assert threads() == 1
    training.close()
    assert threads() == 0


def test_a_training_that_diverges_leaves_no_thread(digits: Dataset) -> None:
    scaled = replace(digits, train=replace(digits.train, scale=np.inf))
    with pytest.raises(Diverged):
        list(train(Network([64, 10]), scaled, Steps(epochs=9, augment=Waiting())))
    assert threads() == 0


def test_what_goes_wrong_in_the_thread_is_raised_where_the_examples_are_asked_for(digits: Dataset) -> None:
    with pytest.raises(MemoryError, match="no room"):
        list(train(Network([64, 10]), digits, Steps(epochs=9, augment=Failing())))


def test_an_augmented_training_is_another_one_and_the_same_each_time(digits: Dataset) -> None:
    plain, one, other = (
        [each.weights for each in train(Network([64, 10], rng=0), digits, Steps(epochs=3, augment=augment))]
        for augment in (NoAugmentation(), Elastic(), Elastic())
    )
    assert one == other
    assert plain[0] == one[0]
    assert plain[1] != one[1]


def test_examples_that_are_no_images_are_refused_by_name(digits: Dataset) -> None:
    table = replace(digits, shape=(64,))
    with pytest.raises(ConfigError, match=r"augment: got shift, but digits has examples of shape \(64,\), expected im"):
        check_against(config("data=digits", "sizes=[64,10]", "augment=shift"), table)


def test_what_is_made_counts_into_the_memory_needed(digits: Dataset) -> None:
    plain, made = (
        memory_needed(config("data=digits", "sizes=[64,10]", f"augment={kind}"), digits) for kind in ("none", "shift")
    )
    assert made - plain == 2 * digits.train.x.nbytes
