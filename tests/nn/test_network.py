"""What a network gives, how its numbers lie in memory, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from article_loop import (
    assert_same_network,
    drawn_pairs,
    network,
    parameters,
    trained,
)

import nnexp.nn.engines.numpy
from nnexp.nn.activations.relu import Relu
from nnexp.nn.arrays import Array
from nnexp.nn.costs.log_likelihood import LogLikelihood
from nnexp.nn.examples import Examples, as_examples
from nnexp.nn.network import Network

# Evaluation and feeding forward.


def identity_network(n: int) -> Network:
    """Its highest output is where its highest input is."""
    net = network([n, n])
    net.weights, net.biases = [np.eye(n)], [np.zeros((n, 1))]
    return net


PEAKS = np.array([[9.0, 1, 1, 1], [1, 9, 9, 1], [1, 1, 1, 9]])  # highest at 0, 1, 1, 2


@pytest.mark.parametrize("labels", [np.array([0, 1, 2, 2]), np.eye(3)[:, [0, 1, 2, 2]]], ids=["integers", "one-hot"])
def test_evaluate_counts_the_highest_outputs_that_are_the_labels(labels: Array) -> None:
    assert identity_network(3).evaluate((PEAKS, labels)) == 3


def test_evaluate_counts_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nnexp.nn.engines.numpy, "EVALUATED_AT_ONCE", 3)
    assert identity_network(3).evaluate((np.hstack([PEAKS] * 2), np.array([0, 1, 1, 2, 2, 1, 0, 2]))) == 6


def test_feedforward_of_many_columns_is_each_columns_feedforward() -> None:
    net, x = network([4, 3, 2]), np.random.default_rng(0).standard_normal((4, 6))
    one_by_one = [net.feedforward(x[:, [i]]) for i in range(6)]
    np.testing.assert_allclose(net.feedforward(x), np.hstack(one_by_one), rtol=1e-14)


def test_the_outputs_of_examples_are_feedforwards_columns_as_rows() -> None:
    net, x = network([4, 3, 2]), np.random.default_rng(0).standard_normal((4, 6))
    np.testing.assert_allclose(net.outputs(Examples(x.T, np.zeros(6, int))), net.feedforward(x).T, rtol=1e-14)


def test_the_outputs_of_bytes_with_a_scale_are_those_of_the_floats_they_stand_for() -> None:
    pixels, labels = np.array([[0, 51, 255], [102, 204, 1]], np.uint8), np.zeros(2, int)
    got, expected = (network([3, 2]).outputs(Examples(x, labels, s)) for x, s in ((pixels, 1 / 255), (pixels / 255, 1)))
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_the_hidden_activation_is_the_chosen_one_and_the_output_is_a_sigmoid() -> None:
    net = network([1, 1, 1], activation=Relu())
    net.weights, net.biases = [np.array([[2.0]]), np.array([[1.0]])], [np.zeros((1, 1)), np.zeros((1, 1))]
    # relu(2 * 1.5) = 3 and sigmoid(3); relu(2 * -1.5) = 0 and sigmoid(0)
    np.testing.assert_allclose(net.feedforward(np.array([[1.5, -1.5]])), [[1 / (1 + math.exp(-3)), 0.5]], rtol=1e-14)


def test_the_outputs_of_the_log_likelihood_are_a_distribution() -> None:
    net = network([3, 4, 5], cost=LogLikelihood())
    outputs = net.feedforward(np.random.default_rng(0).normal(size=(3, 20)) * 100)
    np.testing.assert_allclose(outputs.sum(axis=0), 1, rtol=1e-14)


# Floats, and how they lie in memory.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_stay_c_contiguous_out_by_in_and_of_the_dtype(dtype: str) -> None:
    net = trained(0, dtype)
    assert [w.shape for w in net.weights] == [(4, 3), (2, 4)]
    assert [b.shape for b in net.biases] == [(4, 1), (2, 1)]
    assert all(w.flags.c_contiguous for w in net.weights)
    assert {a.dtype for a in parameters(net)} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_and_outputs_are_of_the_dtype(dtype: str) -> None:
    net = Network([3, 2], dtype=dtype, rng=0)
    nabla_b, nabla_w = net.backprop(np.ones((3, 4)), np.ones((2, 4)))
    assert {a.dtype for a in (*nabla_b, *nabla_w, net.feedforward(np.ones((3, 4))))} == {np.dtype(dtype)}


def test_float32_trains_as_float64_to_its_precision() -> None:
    assert_same_network(trained(0, "float32"), trained(0, "float64"), 1e-5)


REPLACED = {
    "another float": lambda w: w.astype(np.float64),
    "Fortran order": np.asfortranarray,
    "a transpose": lambda w: np.ascontiguousarray(w.T).T,
    "read-only": lambda w: np.broadcast_to(w, w.shape),
    "a list": lambda w: w.tolist(),
}


@pytest.mark.parametrize("replaced", REPLACED.values(), ids=REPLACED)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_and_biases_that_the_user_puts_in_are_trained(replaced: Callable[[Array], Array], dtype: str) -> None:
    net, reference = Network([3, 4, 2], dtype=dtype, rng=0), Network([3, 4, 2], dtype=dtype, rng=0)
    pairs = drawn_pairs([3, 2], 10)
    net.weights, net.biases = [replaced(w) for w in net.weights], [replaced(b) for b in net.biases]
    net.train_epoch(as_examples(pairs), np.arange(10), 4, 3.0)
    reference.train_epoch(as_examples(pairs), np.arange(10), 4, 3.0)
    assert_same_network(net, reference, 0)


def test_a_read_only_array_that_the_user_puts_in_stays_as_it_is() -> None:
    net = network([3, 2])
    net.weights[0].flags.writeable = False
    before, mine = net.weights[0].copy(), net.weights[0]
    net.update_mini_batch(drawn_pairs([3, 2], 4), 3.0)
    assert np.array_equal(mine, before)
    assert not np.array_equal(net.weights[0], before)


# Refusals.


@pytest.mark.parametrize("sizes", [[], [784], [784, 0, 10], [784, -1], [784, 2.5, 10]])
def test_sizes_that_make_no_network_are_refused(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^sizes: got \[.*\], expected two or more whole numbers > 0$"):
        Network(sizes)


def test_a_dtype_that_networks_are_not_made_of_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^dtype: got 'float16', expected one of float32, float64$"):
        Network([3, 2], dtype="float16")


@pytest.mark.parametrize(("shape", "told"), [((3,), r"\(3,\)"), ((4, 1), r"\(4, 1\)"), ((1, 3), r"\(1, 3\)")])
def test_feedforward_refuses_what_is_not_columns_of_inputs(shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(ValueError, match=rf"^a: got shape {told}, expected \(3, m\): one example per column$"):
        Network([3, 2]).feedforward(np.ones(shape))


def test_backprop_refuses_targets_that_are_not_columns_of_outputs() -> None:
    with pytest.raises(ValueError, match=r"^y: got shape \(3, 1\), expected \(2, m\): one example per column$"):
        Network([3, 2]).backprop(np.ones((3, 1)), np.ones((3, 1)))


def test_backprop_refuses_fewer_targets_than_inputs() -> None:
    with pytest.raises(ValueError, match=r"^y: got 1 columns, expected 4, one for each of x$"):
        Network([3, 2]).backprop(np.ones((3, 4)), np.ones((2, 1)))


@pytest.mark.parametrize("method", ["evaluate", "update_mini_batch", "SGD"])
def test_examples_of_another_size_than_the_input_layer_are_refused(method: str) -> None:
    arguments = {"evaluate": (), "update_mini_batch": (1.0,), "SGD": (1, 1, 1.0)}[method]
    with pytest.raises(ValueError, match=r"^examples: 4 values each, but 3 input units$"):
        getattr(Network([3, 2]), method)(drawn_pairs([4, 2], 5), *arguments)


def test_targets_of_another_size_than_the_output_layer_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^examples: targets have 4 values, but 2 output units$"):
        Network([3, 2]).SGD(drawn_pairs([3, 4], 5), 1, 1, 1.0)


def test_a_network_shows_itself_by_its_sizes() -> None:
    assert repr(Network([784, 30, 10])) == "Network([784, 30, 10])"
