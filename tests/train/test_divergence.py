"""When training is given up, and what is advised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from training import Steps

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.errors import Diverged
from nnexp.nn.activations.relu import Relu
from nnexp.nn.costs.base import Cost
from nnexp.nn.examples import Examples
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.network import Network
from nnexp.nn.optimisers.momentum import Momentum
from nnexp.nn.regularisers.l2 import L2
from nnexp.train.divergence import check, diverged
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def test_divergence_stops_at_once_and_says_what_to_try(digits: Dataset) -> None:
    network = Network([64, 10, 10], activation=Relu(), rng=0)
    events = train(network, digits, Steps(epochs=9, eta=1e30))
    assert next(events).epoch == 0
    with pytest.raises(Diverged, match=r"diverged in epoch 1: .* not finite. Try a smaller eta \(it was 1e\+30\)"):
        next(events)


def test_a_cost_that_explodes_while_all_numbers_are_finite_is_divergence(digits: Dataset) -> None:
    network = Network([64, 10, 10], cost=Cost.named("cross_entropy"), rng=0)
    with pytest.raises(Diverged, match=r"the cost is .*, and a network that knows nothing has 6.93"):
        list(train(network, digits, Steps(eta=1000.0)))


def test_steps_that_are_too_small_for_any_weight_ask_for_a_larger_eta(digits: Dataset) -> None:
    network = Network([64, 10, 10], dtype="float64", rng=0)
    with pytest.raises(Diverged, match=r"no step is large enough to change .*\. Try a larger eta \(it was 1e-60\)"):
        list(train(network, digits, Steps(epochs=1, eta=1e-60)))


def test_saturated_units_ask_for_a_smaller_eta_and_for_nothing_that_is_so_already(digits: Dataset) -> None:
    network = Network([64, 10, 10], rng=0)
    with pytest.raises(Diverged, match=r"no weight moves any more.* Try a smaller eta \(it was 100000\)\.$"):
        list(train(network, digits, Steps(epochs=9, eta=1e5)))


def test_inputs_that_are_not_scaled_are_told_first(digits: Dataset) -> None:
    large = replace(digits, train=Examples(digits.train.x.astype(np.float32) * 1e30, digits.train.y, 1.0))
    network = Network([64, 10, 10], activation=Relu(), init=Gaussian(), rng=0)
    advice = (
        r"Try inputs from 0 to 1 \(the largest is 1.6e\+31\) or a smaller eta \(it was 3\) or "
        r"init=scaled_gaussian or a bounded activation such as sigmoid\."
    )
    with pytest.raises(Diverged, match=advice):
        list(train(network, large, Steps(epochs=9)))


@pytest.mark.parametrize(("layers", "told"), [(["tanh", "relu"], True), (["tanh", "sigmoid"], False)])
def test_a_bounded_activation_is_advised_where_one_of_the_layers_has_none(
    digits: Dataset, layers: list[str], told: bool
) -> None:
    network = Network([64, 10, 10, 10], activation=Relu(layers=layers), rng=0)
    assert ("a bounded activation" in str(diverged(1, "so it is", network, digits, 3.0))) == told


def test_a_penalty_that_turns_weights_around_in_a_step_is_told(digits: Dataset) -> None:
    network = Network([64, 10, 10], regulariser=L2(lmbda=2394.0), rng=0)  # 2 n
    advice = r"Try a smaller eta \(it was 3\) or a smaller regulariser.lmbda \(1 - eta lmbda / n is -5, below 0\)\."
    with pytest.raises(Diverged, match=advice):
        list(train(network, digits, Steps(epochs=9)))


def test_momentum_is_told_with_what_it_makes_of_eta(digits: Dataset) -> None:
    network = Network([64, 10, 10], activation=Relu(), optimiser=Momentum(momentum=0.9), rng=0)
    with pytest.raises(Diverged, match=r"\(it was 1e\+30, and momentum makes steps up to 10 times as large\)"):
        list(train(network, digits, Steps(epochs=9, eta=1e30)))


def test_a_penalty_that_has_no_part_in_it_is_not_told(digits: Dataset) -> None:
    network = Network([64, 10, 10], cost=Cost.named("cross_entropy"), regulariser=L2(lmbda=0.1), rng=0)
    with pytest.raises(Diverged, match=r"Try a smaller eta \(it was 1000\)\.$"):
        list(train(network, digits, Steps(epochs=9, eta=1000.0)))


def test_a_large_penalty_alone_is_no_divergence(digits: Dataset) -> None:
    """With eta so small that nothing is learnt yet, the cost is mostly penalty."""
    network = Network([64, 10, 10], regulariser=L2(lmbda=1e5), rng=0)
    *_, last = train(network, digits, Steps(epochs=1, eta=1e-6))
    assert last.metrics["train_cost"] > 100  # a network that knows nothing costs 1.25
    assert last.metrics["validation_accuracy"] < 0.2


def test_a_network_that_has_learnt_smoothed_targets_may_stand_still(digits: Dataset) -> None:
    """At its best it costs 0.5, where a network that knows nothing costs 2.3."""
    network = Network([64, 10], cost=Cost.named("log_likelihood", smoothing=0.1), rng=0)
    metrics = {"train_cost": network.cost.least(np.eye(1, 10)), "validation_accuracy": 1.0}
    assert metrics["train_cost"] == pytest.approx(0.5, abs=0.01)
    check(9, metrics, True, network, digits, 1.0)
    with pytest.raises(Diverged, match="no weight moves any more"):
        check(9, metrics | {"train_cost": 1.0}, True, network, digits, 1.0)
