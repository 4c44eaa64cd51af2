"""The network against numbers worked on paper, finite differences, and the article's loop over examples."""

import math

import numpy as np
import pytest

import nnexp.nn.minibatches
import nnexp.nn.network
from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.relu import Relu
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.log_likelihood import LogLikelihood
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.examples import Examples, as_examples
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.network import Network

COSTS = {
    "quadratic": lambda a, y: np.sum((a - y) ** 2) / 2,
    "cross_entropy": lambda a, y: -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)),
    "log_likelihood": lambda a, y: -np.sum(y * np.log(a)),
}


# The article's way, one example at a time: what the vectorised network has to agree with.


def sigma(z):
    return 1 / (1 + np.exp(-z))


def article_gradient(net, x, y):
    """Nabla_b and nabla_w of one example, and its cost."""
    activations = [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        activations.append(sigma(w @ activations[-1] + b))
    a = activations.pop()
    cost = COSTS[net.cost.kind](a, y)
    delta = a - y if net.cost.kind == "cross_entropy" else (a - y) * a * (1 - a)
    nabla_b, nabla_w = [delta], [delta @ activations[-1].T]
    for w in net.weights[:0:-1]:
        a = activations.pop()
        delta = (w.T @ delta) * a * (1 - a)
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ activations[-1].T)
    return nabla_b, nabla_w, cost


def article_sum(net, pairs):
    """The gradients and the costs of pairs, added up."""
    gradients = [article_gradient(net, x, y) for x, y in pairs]
    nabla_b = [sum(layer) for layer in zip(*(nb for nb, _, _ in gradients), strict=True)]
    nabla_w = [sum(layer) for layer in zip(*(nw for _, nw, _ in gradients), strict=True)]
    return nabla_b, nabla_w, sum(cost for _, _, cost in gradients)


def article_epoch(net, pairs, mini_batch_size, eta):
    """Train on the pairs in their order; the mean over examples of the cost before the step."""
    total = 0.0
    for start in range(0, len(pairs), mini_batch_size):
        mini_batch = pairs[start : start + mini_batch_size]
        nabla_b, nabla_w, cost = article_sum(net, mini_batch)
        rate = eta / len(mini_batch)
        net.biases = [b - rate * nb for b, nb in zip(net.biases, nabla_b, strict=True)]
        net.weights = [w - rate * nw for w, nw in zip(net.weights, nabla_w, strict=True)]
        total += cost
    return total / len(pairs)


def network(sizes, seed=0, **choices):
    return Network(sizes, **{"dtype": "float64", "init": Gaussian(), "rng": seed} | choices)


def drawn_pairs(sizes, n, seed=1):
    """N random (x, y) pairs of columns for a network of these sizes; y is one-hot."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(sizes[-1], size=n)
    return [(rng.random((sizes[0], 1)), np.eye(sizes[-1])[:, [label]]) for label in labels]


def parameters(net):
    return [*net.biases, *net.weights]


def assert_close(got, expected, tolerance=1e-12):
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def assert_same_network(net, other, tolerance=1e-12):
    assert_close(parameters(net), parameters(other), tolerance)


# A 2-2-1 network worked on paper.
#
# Weights are chosen so that every activation is a simple fraction: sigmoid(ln 3) = 3/4, sigmoid(-ln 3) = 1/4.
#
#   x = (1, 2)                            y = 1
#   z1 = 1/2 * 1 - 1/4 * 2 + ln 3 = ln 3          a1 = 3/4    a1 (1 - a1) = 3/16
#   z2 = -1 * 1 + 1 * 2 - 1 = 0                   a2 = 1/2    a2 (1 - a2) = 1/4
#   z = 2 * 3/4 - 1 * 1/2 - 1 - ln 3 = -ln 3      a = 1/4     a (1 - a) = 3/16
#
#                       quadratic                             cross entropy
#   C                   (1 - 1/4)^2 / 2 = 9/32                -ln(1/4) = ln 4
#   delta               (1/4 - 1) * 3/16 = -9/64              1/4 - 1 = -3/4
#   nabla_w, output     -9/64 * (3/4, 1/2) = (-27/256, -9/128)  (-9/16, -3/8)
#   delta1              2 * -9/64 * 3/16 = -27/512            2 * -3/4 * 3/16 = -9/32
#   delta2              -1 * -9/64 * 1/4 = 9/256              -1 * -3/4 * 1/4 = 3/16
#   nabla_w, hidden     delta * (1, 2)

X, Y = np.array([[1.0], [2.0]]), np.array([[1.0]])


def paper_network(cost):
    net = network([2, 2, 1], cost=cost)
    net.weights = [np.array([[1 / 2, -1 / 4], [-1.0, 1.0]]), np.array([[2.0, -1.0]])]
    net.biases = [np.array([[math.log(3)], [-1.0]]), np.array([[-1 - math.log(3)]])]
    return net


def test_the_output_is_the_one_worked_on_paper():
    np.testing.assert_allclose(paper_network(Quadratic()).feedforward(X), [[1 / 4]], rtol=1e-14)


def test_the_quadratic_gradient_is_the_one_worked_on_paper():
    nabla_b, nabla_w = paper_network(Quadratic()).backprop(X, Y)
    assert_close(nabla_b, [[[-27 / 512], [9 / 256]], [[-9 / 64]]], 1e-15)
    assert_close(nabla_w, [[[-27 / 512, -27 / 256], [9 / 256, 9 / 128]], [[-27 / 256, -9 / 128]]], 1e-15)


def test_the_cross_entropy_gradient_is_the_one_worked_on_paper():
    nabla_b, nabla_w = paper_network(CrossEntropy()).backprop(X, Y)
    assert_close(nabla_b, [[[-9 / 32], [3 / 16]], [[-3 / 4]]], 1e-15)
    assert_close(nabla_w, [[[-9 / 32, -9 / 16], [3 / 16, 3 / 8]], [[-9 / 16, -3 / 8]]], 1e-15)


@pytest.mark.parametrize(("cost", "expected"), [(Quadratic(), 9 / 32), (CrossEntropy(), math.log(4))])
def test_the_cost_is_the_one_worked_on_paper(cost, expected):
    got = paper_network(cost).train_epoch(as_examples([(X, Y)]), np.arange(1), 1, eta=1.0)
    assert got == pytest.approx(expected, rel=1e-14)


def test_a_step_is_the_one_worked_on_paper():
    net = paper_network(Quadratic())
    net.update_mini_batch([(X, Y)], eta=2.0)  # against two times the gradient
    hidden = [[1 / 2 + 27 / 256, -1 / 4 + 27 / 128], [-1 - 9 / 128, 1 - 9 / 64]]
    assert_close(net.weights, [hidden, [[2 + 27 / 128, -1 + 9 / 64]]])
    assert_close(net.biases, [[[math.log(3) + 27 / 256], [-1 - 9 / 128]], [[-1 - math.log(3) + 9 / 32]]])


def test_a_step_goes_along_the_mean_gradient_of_the_mini_batch():
    net = paper_network(Quadratic())
    net.update_mini_batch([(X, Y)] * 3, eta=2.0)
    np.testing.assert_allclose(net.weights[1], [[2 + 27 / 128, -1 + 9 / 64]], rtol=1e-14)


# Finite differences.


@pytest.mark.parametrize("sizes", [[3, 2], [3, 4, 2], [4, 5, 3, 2]])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "leaky_relu", "gelu"])
@pytest.mark.parametrize("cost", list(COSTS))
def test_the_gradient_is_that_of_finite_differences(cost, activation, sizes):
    choices = {"cost": Cost.named(cost), "activation": Activation.named(activation)}
    net = network(sizes, init=ScaledGaussian(), **choices)  # saturated outputs would cost the closed form its digits
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((sizes[0], 3)), rng.random((sizes[-1], 3))
    y /= y.sum(axis=0)  # distributions, which the log-likelihood needs
    nabla_b, nabla_w = net.backprop(x, y)
    for array, gradient in zip(parameters(net), [*nabla_b, *nabla_w], strict=True):
        np.testing.assert_allclose(gradient, finite_differences(net, array, x, y), rtol=1e-6, atol=1e-8)


def finite_differences(net, array, x, y, h=1e-6):
    """How the cost, from its closed form, changes with each number in the array."""
    gradient = np.empty_like(array)
    for i, value in np.ndenumerate(array):
        costs = []
        for changed in (value + h, value - h):
            array[i] = changed
            costs.append(COSTS[net.cost.kind](net.feedforward(x), y))
        array[i] = value
        gradient[i] = (costs[0] - costs[1]) / (2 * h)
    return gradient


# The article's loop.


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
@pytest.mark.parametrize("sizes", [[3, 2], [5, 4, 3], [5, 4, 4, 3], [2, 2, 2, 2, 2, 2]])
def test_the_gradient_of_many_columns_is_the_sum_of_the_articles_gradients(sizes, cost):
    net, pairs = network(sizes, cost=cost), drawn_pairs(sizes, 7)
    nabla_b, nabla_w = net.backprop(np.hstack([x for x, _ in pairs]), np.hstack([y for _, y in pairs]))
    expected_b, expected_w, _ = article_sum(net, pairs)
    assert_close(nabla_b, expected_b)
    assert_close(nabla_w, expected_w)


def test_the_gradient_leaves_the_network_as_it_was():
    net = network([3, 4, 2])
    net.backprop(np.ones((3, 5)), np.ones((2, 5)))
    assert_same_network(net, network([3, 4, 2]), 0)


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
def test_update_mini_batch_is_the_articles(cost):
    net, reference, pairs = network([5, 4, 3], cost=cost), network([5, 4, 3], cost=cost), drawn_pairs([5, 3], 6)
    net.update_mini_batch(pairs, 3.0)
    article_epoch(reference, pairs, 6, 3.0)
    assert_same_network(net, reference)


@pytest.mark.parametrize("sizes", [[3, 2], [3, 4, 2], [3, 4, 4, 2], [3, 2, 2, 2, 2, 2]])
def test_an_epoch_of_any_number_of_layers_is_the_articles(sizes):
    net, reference, pairs = network(sizes), network(sizes), drawn_pairs(sizes, 12)
    net.train_epoch(as_examples(pairs), np.arange(12), 4, 3.0)
    article_epoch(reference, pairs, 4, 3.0)
    assert_same_network(net, reference)


def test_an_epoch_follows_the_given_order():
    net, reference, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], 6)
    order = np.array([5, 0, 3, 1])
    net.train_epoch(as_examples(pairs), order, 2, 3.0)
    article_epoch(reference, [pairs[i] for i in order], 2, 3.0)
    assert_same_network(net, reference)


@pytest.mark.parametrize("n", [2, 9, 10, 11])
def test_a_last_smaller_mini_batch_is_trained_on(n):
    net, reference, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], n)
    net.train_epoch(as_examples(pairs), np.arange(n), 4, 3.0)
    article_epoch(reference, pairs, 4, 3.0)
    assert_same_network(net, reference)


@pytest.mark.parametrize("block_bytes", [1, 3 * 8 * 4 * 2, 3 * 8 * 4 * 3])  # of 4 examples of 3 float64
def test_an_epoch_of_several_blocks_is_the_articles(monkeypatch, block_bytes):
    monkeypatch.setattr(nnexp.nn.minibatches, "BLOCK_BYTES", block_bytes)
    net, reference, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], 22)
    cost = net.train_epoch(as_examples(pairs), np.arange(22), 4, 3.0)
    assert cost == pytest.approx(article_epoch(reference, pairs, 4, 3.0), rel=1e-12)
    assert_same_network(net, reference)


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
def test_the_cost_of_an_epoch_is_the_mean_of_what_each_example_cost_before_its_step(cost):
    net, reference, pairs = network([3, 4, 2], cost=cost), network([3, 4, 2], cost=cost), drawn_pairs([3, 2], 10)
    got = net.train_epoch(as_examples(pairs), np.arange(10), 4, 3.0)
    assert got == pytest.approx(article_epoch(reference, pairs, 4, 3.0), rel=1e-12)


@pytest.mark.parametrize(("cost", "expected"), [(Quadratic(), -0.25), (CrossEntropy(), -4 / 3)])
def test_cost_derivative_is_that_of_the_cost(cost, expected):
    # a = 3/4, y = 1: a - y; and (a - y) / (a (1 - a)) = -1/4 / (3/16)
    got = network([2, 1], cost=cost).cost_derivative(np.array([[0.75]]), np.array([[1.0]]))
    np.testing.assert_allclose(got, [[expected]], rtol=1e-14)


# Seeds.


def trained(seed, dtype="float32"):
    net = Network([3, 4, 2], rng=seed, dtype=dtype)
    net.SGD(drawn_pairs([3, 2], 10), 3, 4, 3.0)
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_seed_gives_the_same_weights_bit_for_bit(dtype):
    assert [a.tobytes() for a in parameters(trained(5, dtype))] == [a.tobytes() for a in parameters(trained(5, dtype))]


def test_another_seed_gives_other_weights():
    assert all(np.all(a != b) for a, b in zip(parameters(trained(5)), parameters(trained(6)), strict=True))


def test_a_generator_draws_what_its_seed_draws():
    assert_same_network(Network([3, 2], rng=np.random.default_rng(5)), Network([3, 2], rng=5), 0)


def test_each_epoch_has_another_order():
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


def as_list(pairs):
    return pairs


def as_zip(pairs):
    return zip([x for x, _ in pairs], [y for _, y in pairs], strict=True)


def as_arrays(pairs):
    return np.hstack([x for x, _ in pairs]), np.hstack([y for _, y in pairs])


def as_labelled(pairs):
    return [(x, int(y.argmax())) for x, y in pairs]


@pytest.mark.parametrize("given", [as_zip, as_arrays, as_labelled, as_examples])
def test_sgd_trains_the_same_on_a_list_of_pairs_and_on(given):
    net, other, pairs = network([3, 4, 2]), network([3, 4, 2]), drawn_pairs([3, 2], 10)
    net.SGD(as_list(pairs), 3, 4, 3.0)
    other.SGD(given(pairs), 3, 4, 3.0)
    assert_same_network(net, other, 0)


def test_bytes_with_a_scale_train_as_the_floats_they_stand_for():
    pixels, labels = np.random.default_rng(0).integers(256, size=(10, 3), dtype=np.uint8), np.arange(10) % 2
    net, other = network([3, 4, 2]), network([3, 4, 2])
    net.train_epoch(Examples(pixels, labels, scale=1 / 255), np.arange(10), 4, 3.0)
    other.train_epoch(Examples(pixels / 255, labels), np.arange(10), 4, 3.0)
    assert_same_network(net, other, 1e-13)


@pytest.mark.parametrize("given", [as_list, as_zip, as_arrays, as_labelled, as_examples])
def test_sgd_prints_every_epoch_with_its_score_on(capsys, given):
    net, tests = network([3, 4, 2]), drawn_pairs([3, 2], 7, seed=2)
    net.SGD(drawn_pairs([3, 2], 40), 2, 4, 0.0, test_data=given(tests))
    score = sum(np.argmax(net.feedforward(x)) == np.argmax(y) for x, y in tests)
    assert capsys.readouterr().out == f"Epoch 0: {score} / 7\nEpoch 1: {score} / 7\n"


def test_sgd_without_test_data_prints_that_each_epoch_is_complete(capsys):
    network([3, 4, 2]).SGD(drawn_pairs([3, 2], 10), 2, 4, 3.0)
    assert capsys.readouterr().out == "Epoch 0: complete\nEpoch 1: complete\n"


def test_sgd_learns_what_can_be_learned():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 200))
    labels = (x[0] * x[1] > 0).astype(int)  # no line separates them
    net = Network([2, 8, 2], cost=CrossEntropy(), rng=0)
    net.SGD((x, labels), 60, 10, 3.0)
    assert net.evaluate((x, labels)) >= 190


# Evaluation and feeding forward.


def identity_network(n):
    """Its highest output is where its highest input is."""
    net = network([n, n])
    net.weights, net.biases = [np.eye(n)], [np.zeros((n, 1))]
    return net


PEAKS = np.array([[9.0, 1, 1, 1], [1, 9, 9, 1], [1, 1, 1, 9]])  # highest at 0, 1, 1, 2


@pytest.mark.parametrize("labels", [np.array([0, 1, 2, 2]), np.eye(3)[:, [0, 1, 2, 2]]], ids=["integers", "one-hot"])
def test_evaluate_counts_the_highest_outputs_that_are_the_labels(labels):
    assert identity_network(3).evaluate((PEAKS, labels)) == 3


def test_evaluate_counts_across_blocks(monkeypatch):
    monkeypatch.setattr(nnexp.nn.network, "EVALUATED_AT_ONCE", 3)
    assert identity_network(3).evaluate((np.hstack([PEAKS] * 2), np.array([0, 1, 1, 2, 2, 1, 0, 2]))) == 6


def test_feedforward_of_many_columns_is_each_columns_feedforward():
    net, x = network([4, 3, 2]), np.random.default_rng(0).standard_normal((4, 6))
    one_by_one = [net.feedforward(x[:, [i]]) for i in range(6)]
    np.testing.assert_allclose(net.feedforward(x), np.hstack(one_by_one), rtol=1e-14)


def test_the_outputs_of_examples_are_feedforwards_columns_as_rows():
    net, x = network([4, 3, 2]), np.random.default_rng(0).standard_normal((4, 6))
    np.testing.assert_allclose(net.outputs(Examples(x.T, np.zeros(6, int))), net.feedforward(x).T, rtol=1e-14)


def test_the_outputs_of_bytes_with_a_scale_are_those_of_the_floats_they_stand_for():
    pixels, labels = np.array([[0, 51, 255], [102, 204, 1]], np.uint8), np.zeros(2, int)
    got, expected = (network([3, 2]).outputs(Examples(x, labels, s)) for x, s in ((pixels, 1 / 255), (pixels / 255, 1)))
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_the_hidden_activation_is_the_chosen_one_and_the_output_is_a_sigmoid():
    net = network([1, 1, 1], activation=Relu())
    net.weights, net.biases = [np.array([[2.0]]), np.array([[1.0]])], [np.zeros((1, 1)), np.zeros((1, 1))]
    # relu(2 * 1.5) = 3 and sigmoid(3); relu(2 * -1.5) = 0 and sigmoid(0)
    np.testing.assert_allclose(net.feedforward(np.array([[1.5, -1.5]])), [[1 / (1 + math.exp(-3)), 0.5]], rtol=1e-14)


def test_the_outputs_of_the_log_likelihood_are_a_distribution():
    net = network([3, 4, 5], cost=LogLikelihood())
    outputs = net.feedforward(np.random.default_rng(0).normal(size=(3, 20)) * 100)
    np.testing.assert_allclose(outputs.sum(axis=0), 1, rtol=1e-14)


# Floats, and how they lie in memory.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_stay_c_contiguous_out_by_in_and_of_the_dtype(dtype):
    net = trained(0, dtype)
    assert [w.shape for w in net.weights] == [(4, 3), (2, 4)]
    assert [b.shape for b in net.biases] == [(4, 1), (2, 1)]
    assert all(w.flags.c_contiguous for w in net.weights)
    assert {a.dtype for a in parameters(net)} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_and_outputs_are_of_the_dtype(dtype):
    net = Network([3, 2], dtype=dtype, rng=0)
    nabla_b, nabla_w = net.backprop(np.ones((3, 4)), np.ones((2, 4)))
    assert {a.dtype for a in (*nabla_b, *nabla_w, net.feedforward(np.ones((3, 4))))} == {np.dtype(dtype)}


def test_float32_trains_as_float64_to_its_precision():
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
def test_weights_and_biases_that_the_user_puts_in_are_trained(replaced, dtype):
    net, reference = Network([3, 4, 2], dtype=dtype, rng=0), Network([3, 4, 2], dtype=dtype, rng=0)
    pairs = drawn_pairs([3, 2], 10)
    net.weights, net.biases = [replaced(w) for w in net.weights], [replaced(b) for b in net.biases]
    net.train_epoch(as_examples(pairs), np.arange(10), 4, 3.0)
    reference.train_epoch(as_examples(pairs), np.arange(10), 4, 3.0)
    assert_same_network(net, reference, 0)


def test_a_read_only_array_that_the_user_puts_in_stays_as_it_is():
    net = network([3, 2])
    net.weights[0].flags.writeable = False
    before, mine = net.weights[0].copy(), net.weights[0]
    net.update_mini_batch(drawn_pairs([3, 2], 4), 3.0)
    assert np.array_equal(mine, before)
    assert not np.array_equal(net.weights[0], before)


# Leaving the finite numbers.


def test_training_that_overflows_raises():
    net, pairs = Network([3, 4, 4, 2], activation=Relu(), rng=0), drawn_pairs([3, 2], 10)
    with pytest.raises(FloatingPointError, match="a weighted input is not finite"):
        net.SGD(pairs, 30, 2, 1e30)


def test_an_overflow_in_the_very_last_step_raises():
    with pytest.raises(FloatingPointError, match="a weight is not finite"):
        Network([3, 2], rng=0).update_mini_batch(drawn_pairs([3, 2], 1), math.inf)


def test_saturated_units_train_without_a_warning():
    net = network([3, 4, 2], cost=CrossEntropy())
    net.weights = [w * 1e6 for w in net.weights]
    assert math.isfinite(net.train_epoch(as_examples(drawn_pairs([3, 2], 10)), np.arange(10), 4, 3.0))


# Refusals.


@pytest.mark.parametrize("sizes", [[], [784], [784, 0, 10], [784, -1], [784, 2.5, 10]])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match=r"^sizes: got \[.*\], expected two or more whole numbers > 0$"):
        Network(sizes)


def test_a_dtype_that_networks_are_not_made_of_is_refused():
    with pytest.raises(ValueError, match=r"^dtype: got 'float16', expected one of float32, float64$"):
        Network([3, 2], dtype="float16")


@pytest.mark.parametrize(("shape", "told"), [((3,), r"\(3,\)"), ((4, 1), r"\(4, 1\)"), ((1, 3), r"\(1, 3\)")])
def test_feedforward_refuses_what_is_not_columns_of_inputs(shape, told):
    with pytest.raises(ValueError, match=rf"^a: got shape {told}, expected \(3, m\): one example per column$"):
        Network([3, 2]).feedforward(np.ones(shape))


def test_backprop_refuses_targets_that_are_not_columns_of_outputs():
    with pytest.raises(ValueError, match=r"^y: got shape \(3, 1\), expected \(2, m\): one example per column$"):
        Network([3, 2]).backprop(np.ones((3, 1)), np.ones((3, 1)))


def test_backprop_refuses_fewer_targets_than_inputs():
    with pytest.raises(ValueError, match=r"^y: got 1 columns, expected 4, one for each of x$"):
        Network([3, 2]).backprop(np.ones((3, 4)), np.ones((2, 1)))


@pytest.mark.parametrize("method", ["evaluate", "update_mini_batch", "SGD"])
def test_examples_of_another_size_than_the_input_layer_are_refused(method):
    arguments = {"evaluate": (), "update_mini_batch": (1.0,), "SGD": (1, 1, 1.0)}[method]
    with pytest.raises(ValueError, match=r"^examples: 4 values each, but 3 input units$"):
        getattr(Network([3, 2]), method)(drawn_pairs([4, 2], 5), *arguments)


def test_targets_of_another_size_than_the_output_layer_are_refused():
    with pytest.raises(ValueError, match=r"^examples: targets have 4 values, but 2 output units$"):
        Network([3, 2]).SGD(drawn_pairs([3, 4], 5), 1, 1, 1.0)
