"""Some of the training examples, and labels that are wrong on purpose."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from configs import config
from datasets import same

from nnexp.data.dataset import Dataset
from nnexp.data.label_noise import with_label_noise
from nnexp.data.sources.digits import Digits
from nnexp.data.subset import subset
from nnexp.errors import ConfigError
from nnexp.nn.examples import Examples
from nnexp.runner.preparation import data_for, memory_needed

NUMBERED = Examples(np.arange(60)[:, np.newaxis], np.arange(60) % 3)
SKEWED = Examples(np.arange(60)[:, np.newaxis], np.repeat([0, 1, 2], [40, 15, 5]))


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def places(examples: Examples) -> list[int]:
    return [int(x) for x in examples.x[:, 0]]


@pytest.mark.parametrize("balanced", [False, True])
def test_a_subset_has_so_many_examples_with_their_labels_in_their_order(balanced: bool) -> None:
    found = subset(NUMBERED, 20, 0, balanced)
    assert len(found) == 20 == len(set(places(found)))
    assert places(found) == sorted(places(found))
    same(found.y, NUMBERED.y[places(found)])


@pytest.mark.parametrize("balanced", [False, True])
def test_a_smaller_subset_is_part_of_a_larger_one(balanced: bool) -> None:
    sizes = [set(places(subset(SKEWED, n, 3, balanced))) for n in range(1, 16)]
    assert all(one < other for one, other in pairwise(sizes))


@pytest.mark.parametrize("balanced", [False, True])
def test_a_subset_is_a_function_of_the_seed(balanced: bool) -> None:
    first, again, other = (places(subset(NUMBERED, 20, seed, balanced)) for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize(("n", "counts"), [(15, [5, 5, 5]), (3, [1, 1, 1])])
def test_a_balanced_subset_has_as_many_of_each_class(n: int, counts: list[int]) -> None:
    assert np.bincount(subset(SKEWED, n, 0, balanced=True).y).tolist() == counts


def test_a_balanced_subset_that_does_not_divide_is_off_by_one_at_most() -> None:
    assert sorted(np.bincount(subset(NUMBERED, 20, 0, balanced=True).y)) == [6, 7, 7]


@pytest.mark.parametrize("share", [0.1, 0.25, 0.9])
def test_that_share_of_labels_is_wrong(share: float) -> None:
    noisy = with_label_noise(NUMBERED, share, 3, 0)
    assert np.count_nonzero(noisy.y != NUMBERED.y) == round(share * 60)
    assert noisy.y.min() >= 0
    assert noisy.y.max() < 3
    assert noisy.x is NUMBERED.x


def test_each_other_class_takes_the_place_as_often() -> None:
    zeros = Examples(np.zeros((30_000, 1)), np.zeros(30_000, int))
    counts = np.bincount(with_label_noise(zeros, 0.9, 4, 0).y)
    np.testing.assert_allclose(counts / 30_000, [0.1, 0.3, 0.3, 0.3], atol=0.01)


def test_what_is_wrong_at_a_small_share_is_wrong_in_the_same_way_at_a_larger_one() -> None:
    small, large = (with_label_noise(NUMBERED, share, 3, 0).y for share in (0.2, 0.6))
    wrong = small != NUMBERED.y
    same(large[wrong], small[wrong])


def test_labels_are_noised_by_the_seed_and_those_that_were_read_stay() -> None:
    before = NUMBERED.y.copy()
    first, again, other = (with_label_noise(NUMBERED, 0.5, 3, seed).y.tolist() for seed in (0, 0, 1))
    assert first == again != other
    same(NUMBERED.y, before)


def test_validation_and_test_stay_clean(digits: Dataset) -> None:
    used = data_for(config("data=digits", "sizes=[64,10]", "train_size=100", "label_noise=0.5"), digits)
    assert len(used.train) == 100
    assert (used.validation, used.test, used.sha256) == (digits.validation, digits.test, digits.sha256)


def test_without_these_settings_the_examples_are_those_that_were_read(digits: Dataset) -> None:
    assert data_for(config("data=digits", "sizes=[64,10]"), digits).train is digits.train


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train_size=5000"], "train_size: got 5000, but digits has 1,197 training examples"),
        (["train_size=5", "mini_batch_size=10"], "mini_batch_size: got 10, but train_size is 5"),
        (
            ["train_size=1100", "balanced=true"],
            "train_size: got 1100, but digits has only 30 of class 3, 20 of class 8 to train on; "
            "expected at most 200 with balanced=true",
        ),
    ],
)
def test_more_examples_than_there_are_is_an_error(digits: Dataset, words: list[str], message: str) -> None:
    few = digits.train.y.copy()
    few[np.flatnonzero(few == 8)[20:]] = 1
    few[np.flatnonzero(few == 3)[30:]] = 1
    rare = replace(digits, train=replace(digits.train, y=few))
    with pytest.raises(ConfigError) as caught:
        data_for(config("data=digits", "sizes=[64,10]", *words), rare)
    assert message in str(caught.value)


def test_balanced_alone_is_an_error() -> None:
    with pytest.raises(ConfigError, match="balanced: got true, expected a train_size"):
        config("balanced=true")


def test_the_copy_counts_into_the_memory_needed(digits: Dataset) -> None:
    plain, copied = (
        memory_needed(config("data=digits", "sizes=[64,10]", *w), digits) for w in ([], ["train_size=100"])
    )
    assert copied - plain == 100 * 64 * digits.train.x.itemsize
