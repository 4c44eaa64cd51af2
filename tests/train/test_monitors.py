"""What is measured layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from training import Steps

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn import mean_cost
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.costs.base import Cost
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser
from nnexp.train.events import EpochDone
from nnexp.train.measuring import SAMPLE, Monitoring
from nnexp.train.monitors.base import AfterEpoch, Monitor
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def trained(digits: Dataset, monitor: list[str]) -> list[EpochDone]:
    network = Network([64, 8, 10], rng=[0, 0])
    return list(train(network, digits, Steps(epochs=2, monitor=monitor)))


def one_unit(weight: float, bias: float = 0.0, **choices: Tanh | Relu) -> Network:
    """A network of one unit behind another, with the same weight and bias."""
    network = Network([1, 1, 1], dtype="float64", **choices)  # type: ignore[arg-type]
    network.weights = [np.array([[weight]]), np.array([[weight]])]
    network.biases = [np.array([[bias]]), np.array([[bias]])]
    return network


def seen(kinds: list[str], train: Examples, network: Network, rate: float = 0.0, m: int = 2) -> dict[str, float]:
    """What monitors measure of the network on these training examples; those for validation are their last two."""
    last = Examples(train.x[-2:], train.y[-2:], train.scale)
    return Monitoring(kinds, replace(Digits().load(), train=train, validation=last), m)(network, rate)


def test_the_gradient_norms_are_those_worked_by_hand() -> None:
    examples = Examples(np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]]))
    metrics = seen(["gradients"], examples, one_unit(0.0))
    # All activations are 1/2: the output's delta is (1/2 - 1) / 4 = -1/8, times the hidden 1/2; nothing reaches behind.
    assert metrics == {"gradient_norm/layer_1": 0.0, "gradient_norm/layer_2": 1 / 16}


def test_what_is_saturated_is_asked_of_each_layers_own_activation() -> None:
    network = Network([1, 1, 1, 1], activation=Tanh(layers=["relu", "tanh"]), dtype="float64")
    network.weights, network.biases = [np.array([[1.0]])] * 3, [np.array([[0.0]])] * 3
    metrics = seen(["saturation"], Examples(np.array([[-2.0], [9.0]]), np.array([[1.0], [1.0]])), network)
    assert (metrics["saturated/layer_1"], metrics["saturated/layer_2"]) == (0.5, 0.5)  # 0 of a relu, 9 of a tanh


def test_the_gradient_norm_is_that_of_finite_differences(digits: Dataset) -> None:
    network, h = Network([64, 5, 10], dtype="float64", rng=0), 1e-6
    few = Examples(digits.train.x[:20], digits.train.y[:20], digits.train.scale)
    x, y = few.x * few.scale, few.targets(10)
    slopes = []
    for place in np.ndindex(network.weights[1].shape):
        costs = []
        for step in (h, -2 * h):
            network.weights[1][place] += step
            costs.append(np.sum((network.feedforward(x.T).T - y) ** 2) / 2 / len(few))
        network.weights[1][place] += h
        slopes.append((costs[0] - costs[1]) / (2 * h))
    expected = np.linalg.norm(slopes)
    assert seen(["gradients"], few, network)["gradient_norm/layer_2"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("network", "hidden", "output"),
    [
        (one_unit(9.0, -4.6), 0.5, 0.0),  # z is -4.6 and 4.4, behind it -4.5 and 4.3; a sigmoid of -4.595 is 0.01
        (one_unit(1.0, -0.5, activation=Tanh()), 0.0, 0.0),  # activations of -0.46 and 0.46
        (one_unit(4.0, -1.0, activation=Relu()), 0.5, 0.5),  # 0 and 3; behind it -1 and 11
    ],
    ids=["sigmoid", "tanh", "relu"],
)
def test_the_saturated_shares_are_those_worked_by_hand(network: Network, hidden: float, output: float) -> None:
    examples = Examples(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]))
    metrics = seen(["saturation"], examples, network)
    assert metrics == {"saturated/layer_1": hidden, "saturated/layer_2": output}


def test_the_sample_is_spread_over_all_examples() -> None:
    n = 3 * SAMPLE
    x = (np.arange(n) >= n // 2).astype(float)[:, np.newaxis]  # sorted, as a file may be
    share = seen(["saturation"], Examples(x, x), one_unit(9.0))["saturated/layer_1"]
    assert share == 0.5


LINE = Examples(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([[0.0], [0.25], [0.5], [0.75]]))


def test_the_costs_are_those_worked_by_hand() -> None:
    network = one_unit(0.0)  # gives 1/2 whatever it sees
    errors = [(0.5 - y) ** 2 / 2 for y in (0.0, 0.25, 0.5, 0.75)]
    expected = {"training_cost": np.mean(errors), "validation_cost": np.mean(errors[2:])}
    assert seen(["training_cost", "validation_cost"], LINE, network) == pytest.approx(expected)


@pytest.mark.parametrize("cost", ["quadratic", "cross_entropy", "log_likelihood"])
def test_a_cost_is_that_of_the_outputs_whatever_is_evaluated_at_once(
    digits: Dataset, cost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mean_cost, "AT_ONCE", 7)
    for sizes in ([64, 10], [64, 5, 10]):
        network = Network(sizes, cost=Cost.named(cost), dtype="float64", rng=0)
        part = digits.validation
        a, y = network.outputs(part), part.targets(10).astype(float)
        each = {"quadratic": (a - y) ** 2 / 2, "log_likelihood": -y * np.log(a)}
        each["cross_entropy"] = -y * np.log(a) - (1 - y) * np.log(1 - a)
        assert mean_cost.mean_cost(network, part) == pytest.approx(each[cost].sum(axis=1).mean())


def test_a_regulariser_adds_nothing_to_a_monitored_cost(digits: Dataset) -> None:
    costs = [
        seen(["training_cost"], digits.train, Network([64, 10], regulariser=Regulariser.named(kind), rng=0))
        for kind in ("none", "l2")
    ]
    assert costs[0] == costs[1]


def test_training_accuracy_is_of_all_training_examples(digits: Dataset) -> None:
    network = Network([64, 10], rng=0)
    right = (network.outputs(digits.train).argmax(axis=1) == digits.train.labels).mean()
    assert seen(["training_accuracy"], digits.train, network) == {"training_accuracy": right}


def test_the_weight_norms_are_those_of_the_layers() -> None:
    network = Network([2, 1, 2], rng=0)
    network.weights[:] = [np.array([[3.0, 4.0]]), np.array([[5.0], [12.0]])]
    examples = Examples(np.ones((2, 2)), np.array([0, 1]))
    assert seen(["weights"], examples, network) == {"weight_norm/layer_1": 5.0, "weight_norm/layer_2": 13.0}


def test_an_update_ratio_is_that_of_a_step_worked_by_hand() -> None:
    x, y = np.array([[1.0], [1.0]]), np.array([[1.0], [1.0]])
    network = one_unit(1.0)
    before = network.fingerprint()
    found = seen(["updates"], Examples(x, y), network, rate=2.0)
    a = 1 / (1 + np.exp(-1.0))
    out = 1 / (1 + np.exp(-a))
    delta = (out - 1) * out * (1 - out)
    assert found["update_ratio/layer_2"] == pytest.approx(abs(2.0 * delta * a))
    assert found["update_ratio/layer_1"] == pytest.approx(abs(2.0 * delta * a * (1 - a)))
    assert network.fingerprint() == before


def test_an_update_is_the_optimisers_with_what_it_keeps(digits: Dataset) -> None:
    network = Network([64, 10], optimiser=Optimiser.named("momentum", momentum=0.5), rng=0)
    network.optimiser_arrays()["velocity_weights_1"][...] = 1.0
    kept = {name: array.copy() for name, array in network.optimiser_arrays().items()}
    found = seen(["updates"], digits.train, network, rate=1e-9)["update_ratio/layer_1"]
    assert found == pytest.approx(0.5 * np.sqrt(640) / np.linalg.norm(network.weights[0]), rel=1e-3)
    for name, array in kept.items():
        np.testing.assert_array_equal(network.optimiser_arrays()[name], array)


def test_the_untrained_network_has_no_update(digits: Dataset) -> None:
    untrained, first, _ = trained(digits, ["updates"])
    assert "update_ratio/layer_1" not in untrained.metrics
    assert first.metrics["update_ratio/layer_1"] > 0


def test_every_epoch_has_a_metric_for_each_layer(digits: Dataset) -> None:
    wanted = {f"{metric}/layer_{layer}" for metric in ("gradient_norm", "saturated") for layer in (1, 2)}
    for event in trained(digits, ["gradients", "saturation"]):
        assert {name for name in event.metrics if "/" in name} == wanted


def test_without_being_asked_nothing_is_measured(digits: Dataset) -> None:
    assert not any("/" in name for event in trained(digits, []) for name in event.metrics)


def test_monitoring_changes_no_bit_of_any_weight(digits: Dataset) -> None:
    plain, monitored = trained(digits, []), trained(digits, list(Monitor.kinds()))
    assert [event.weights for event in plain] == [event.weights for event in monitored]


def test_the_seconds_of_an_epoch_are_without_its_monitoring(digits: Dataset) -> None:
    ticks = iter([0.0, 2.0, 3.0])  # one more look at the clock would be an error
    steps = Steps(epochs=1, monitor=["gradients"])
    events = train(Network([64, 10], rng=0), digits, steps, clock=lambda: next(ticks))
    assert list(events)[1].metrics["epoch_seconds"] == 3.0


@pytest.mark.usefixtures("toys")
def test_a_class_is_all_that_a_new_monitor_needs() -> None:
    @dataclass
    class Largest(Monitor):
        """A toy: the largest weight of each layer."""

        kind: str = "largest"
        metric: ClassVar[str] = "largest_weight"

        def measure(self, seen: AfterEpoch) -> Iterator[float]:
            yield from (float(w.max()) for w in seen.network.weights)

    metrics = seen(["largest"], Examples(np.ones((2, 1)), np.ones((2, 1))), one_unit(9.0))
    assert metrics == {"largest_weight/layer_1": 9.0, "largest_weight/layer_2": 9.0}
