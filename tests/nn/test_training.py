"""Epochs against the article's loop over examples, what they start from, and what SGD takes and prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from article_loop import (
    Pairs,
    article_epoch,
    assert_same_network,
    drawn_pairs,
    network,
    parameters,
    trained,
)

import nnexp.nn.minibatches
from nnexp.nn.activations.relu import Relu
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.examples import Examples, as_examples
from nnexp.nn.network import Network

# Epochs and mini-batches.


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
def test_update_mini_batch_is_the_articles(cost: Cost) -> None:
    net, reference, pairs = network([5, 4, 3], cost=cost), network([5, 4, 3], cost=cost), drawn_pairs([5, 3], 6)
    net.update_mini_batch(pairs, 3.0)
    article_epoch(reference, pairs, 6, 3.0)
    assert_same_network(net, reference)


@pytest.mark.parametrize("sizes", [[3, 2], [3, 4, 2], [3, 4, 4, 2], [3, 2, 2, 2, 2, 2]])
def test_an_epoch_of_any_number_of_layers_is_the_articles(sizes: list[int]) -> None:
    net, reference, pairs = network(sizes), network(sizes), drawn_pairs(sizes, 12)
    net.train_epoch(as_examples(pairs), np.arange(12), 4, 3.0)
    article_epoch(reference, pairs, 4, 3.0)
    assert_same_network(net, reference)


def test_an_epoch_follows_the_given_order() -> None:
    net, reference, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], 6)
    order = np.array([5, 0, 3, 1])
    net.train_epoch(as_examples(pairs), order, 2, 3.0)
    article_epoch(reference, [pairs[i] for i in order], 2, 3.0)
    assert_same_network(net, reference)


@pytest.mark.parametrize("n", [2, 9, 10, 11])
def test_a_last_smaller_mini_batch_is_trained_on(n: int) -> None:
    net, reference, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], n)
    net.train_epoch(as_examples(pairs), np.arange(n), 4, 3.0)
    article_epoch(reference, pairs, 4, 3.0)
    assert_same_network(net, reference)


@pytest.mark.parametrize("block_bytes", [1, 3 * 8 * 4 * 2, 3 * 8 * 4 * 3])  # of 4 examples of 3 float64
def test_an_epoch_of_several_blocks_is_the_articles(monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    monkeypatch.setattr(nnexp.nn.minibatches, "BLOCK_BYTES", block_bytes)
    net, reference, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], 22)
    cost = net.train_epoch(as_examples(pairs), np.arange(22), 4, 3.0)
    assert cost == pytest.approx(article_epoch(reference, pairs, 4, 3.0), rel=1e-12)
    assert_same_network(net, reference)


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
def test_the_cost_of_an_epoch_is_the_mean_of_what_each_example_cost_before_its_step(cost: Cost) -> None:
    net, reference, pairs = network([3, 4, 2], cost=cost), network([3, 4, 2], cost=cost), drawn_pairs([3, 2], 10)
    got = net.train_epoch(as_examples(pairs), np.arange(10), 4, 3.0)
    assert got == pytest.approx(article_epoch(reference, pairs, 4, 3.0), rel=1e-12)


# Seeds.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_seed_gives_the_same_weights_bit_for_bit(dtype: str) -> None:
    assert [a.tobytes() for a in parameters(trained(5, dtype))] == [a.tobytes() for a in parameters(trained(5, dtype))]


def test_another_seed_gives_other_weights() -> None:
    assert all(np.all(a != b) for a, b in zip(parameters(trained(5)), parameters(trained(6)), strict=True))


def test_a_generator_draws_what_its_seed_draws() -> None:
    assert_same_network(Network([3, 2], rng=np.random.default_rng(5)), Network([3, 2], rng=5), 0)


def test_each_epoch_has_another_order() -> None:
    net, pairs = network([3, 4, 2]), drawn_pairs([3, 2], 10)
    same_order = network([3, 4, 2])
    order = np.random.default_rng(0)
    for size in (4, 2, 4 * 3, 2 * 4):  # what drawing the first weights and biases has used up
        order.standard_normal(size)
    net.SGD(pairs, 2, 5, 3.0)
    first, second = order.permutation(10), order.permutation(10)
    article_epoch(same_order, [pairs[i] for i in first], 5, 3.0)
    article_epoch(same_order, [pairs[i] for i in second], 5, 3.0)
    assert not np.array_equal(first, second)
    assert_same_network(net, same_order)


# What SGD takes, and prints.


def as_list(pairs: Pairs) -> Pairs:
    return pairs


def as_zip(pairs: Pairs) -> Iterable[tuple[Array, Array]]:
    return zip([x for x, _ in pairs], [y for _, y in pairs], strict=True)


def as_arrays(pairs: Pairs) -> tuple[Array, Array]:
    return np.hstack([x for x, _ in pairs]), np.hstack([y for _, y in pairs])


def as_labelled(pairs: Pairs) -> list[tuple[Array, int]]:
    return [(x, int(y.argmax())) for x, y in pairs]


@pytest.mark.parametrize("given", [as_zip, as_arrays, as_labelled, as_examples])
def test_sgd_trains_the_same_on_a_list_of_pairs_and_on(given: Callable[[Pairs], Any]) -> None:
    net, other, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], 10)
    net.SGD(as_list(pairs), 3, 4, 3.0)
    other.SGD(given(pairs), 3, 4, 3.0)
    assert_same_network(net, other, 0)


def test_bytes_with_a_scale_train_as_the_floats_they_stand_for() -> None:
    pixels, labels = np.random.default_rng(0).integers(256, size=(10, 3), dtype=np.uint8), np.arange(10) % 2
    net, other = network([3, 4, 2]), network([3, 4, 2])
    net.train_epoch(Examples(pixels, labels, scale=1 / 255), np.arange(10), 4, 3.0)
    other.train_epoch(Examples(pixels / 255, labels), np.arange(10), 4, 3.0)
    assert_same_network(net, other, 1e-13)


@pytest.mark.parametrize("given", [as_list, as_zip, as_arrays, as_labelled, as_examples])
def test_sgd_prints_every_epoch_with_its_score_on(
    capsys: pytest.CaptureFixture[str], given: Callable[[Pairs], Any]
) -> None:
    net, tests = network([3, 4, 2]), drawn_pairs([3, 2], 7, seed=2)
    net.SGD(drawn_pairs([3, 2], 40), 2, 4, 0.0, test_data=given(tests))
    score = sum(np.argmax(net.feedforward(x)) == np.argmax(y) for x, y in tests)
    assert capsys.readouterr().out == f"Epoch 0: {score} / 7\nEpoch 1: {score} / 7\n"


def test_sgd_without_test_data_prints_that_each_epoch_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    network([3, 4, 2]).SGD(drawn_pairs([3, 2], 10), 2, 4, 3.0)
    assert capsys.readouterr().out == "Epoch 0: complete\nEpoch 1: complete\n"


def test_sgd_learns_what_can_be_learned() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 200))
    labels = (x[0] * x[1] > 0).astype(int)  # no line separates them
    net = Network([2, 8, 2], cost=CrossEntropy(), rng=0)
    net.SGD((x, labels), 60, 10, 3.0)
    assert net.evaluate((x, labels)) >= 190


# Leaving the finite numbers.


def test_training_that_overflows_raises() -> None:
    net, pairs = Network([3, 4, 4, 2], activation=Relu(), rng=0), drawn_pairs([3, 2], 10)
    with pytest.raises(FloatingPointError, match="a weighted input is not finite"):
        net.SGD(pairs, 30, 2, 1e30)


def test_an_overflow_in_the_very_last_step_raises() -> None:
    with pytest.raises(FloatingPointError, match="a weight is not finite"):
        Network([3, 2], rng=0).update_mini_batch(drawn_pairs([3, 2], 1), math.inf)


def test_saturated_units_train_without_a_warning() -> None:
    net = network([3, 4, 2], cost=CrossEntropy())
    net.weights = [w * 1e6 for w in net.weights]
    assert math.isfinite(net.train_epoch(as_examples(drawn_pairs([3, 2], 10)), np.arange(10), 4, 3.0))
