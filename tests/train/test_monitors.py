"""What is measured layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from training import Steps

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone
from nnexp.train.measuring import SAMPLE, Monitoring
from nnexp.train.monitors.base import Monitor
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


def test_the_gradient_norms_are_those_worked_by_hand() -> None:
    examples = Examples(np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]]))
    metrics = Monitoring(["gradients"], examples)(one_unit(0.0))
    # All activations are 1/2: the output's delta is (1/2 - 1) / 4 = -1/8, times the hidden 1/2; nothing reaches behind.
    assert metrics == {"gradient_norm/layer_1": 0.0, "gradient_norm/layer_2": 1 / 16}


def test_what_is_saturated_is_asked_of_each_layers_own_activation() -> None:
    network = Network([1, 1, 1, 1], activation=Tanh(layers=["relu", "tanh"]), dtype="float64")
    network.weights, network.biases = [np.array([[1.0]])] * 3, [np.array([[0.0]])] * 3
    metrics = Monitoring(["saturation"], Examples(np.array([[-2.0], [9.0]]), np.array([[1.0], [1.0]])))(network)
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
    assert Monitoring(["gradients"], few)(network)["gradient_norm/layer_2"] == pytest.approx(expected, rel=1e-6)


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
    metrics = Monitoring(["saturation"], examples)(network)
    assert metrics == {"saturated/layer_1": hidden, "saturated/layer_2": output}


def test_the_sample_is_spread_over_all_examples() -> None:
    n = 3 * SAMPLE
    x = (np.arange(n) >= n // 2).astype(float)[:, np.newaxis]  # sorted, as a file may be
    share = Monitoring(["saturation"], Examples(x, x))(one_unit(9.0))["saturated/layer_1"]
    assert share == 0.5


def test_every_epoch_has_a_metric_for_each_layer(digits: Dataset) -> None:
    wanted = {f"{metric}/layer_{layer}" for metric in ("gradient_norm", "saturated") for layer in (1, 2)}
    for event in trained(digits, ["gradients", "saturation"]):
        assert {name for name in event.metrics if "/" in name} == wanted


def test_without_being_asked_nothing_is_measured(digits: Dataset) -> None:
    assert not any("/" in name for event in trained(digits, []) for name in event.metrics)


def test_monitoring_changes_no_bit_of_any_weight(digits: Dataset) -> None:
    plain, monitored = trained(digits, []), trained(digits, ["gradients", "saturation"])
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

        def measure(self, network: Network, x: Array, y: Array) -> Iterator[float]:
            yield from (float(w.max()) for w in network.weights)

    metrics = Monitoring(["largest"], Examples(np.ones((2, 1)), np.ones((2, 1))))(one_unit(9.0))
    assert metrics == {"largest_weight/layer_1": 9.0, "largest_weight/layer_2": 9.0}
