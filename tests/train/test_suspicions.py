"""What is suspicious before training, and that a sound configuration is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from training import Steps

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.activations.relu import Relu
from nnexp.nn.examples import Examples
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.initialisers.zeros import Zeros
from nnexp.nn.network import Network
from nnexp.nn.optimisers.adam import Adam
from nnexp.nn.standardisation import fitted
from nnexp.train.suspicions import suspicions

SIZES = [64, 30, 10]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def found(digits: Dataset, eta: float = 3.0, sizes: list[int] = SIZES, **choices: Any) -> str:
    return "\n".join(suspicions(Network(sizes, rng=0, **choices), digits, Steps(eta=eta)))


def test_nothing_is_suspicious_in_a_configuration_that_trains_well(digits: Dataset) -> None:
    assert found(digits) == ""
    assert found(digits, eta=0.001, optimiser=Adam()) == ""


@pytest.mark.parametrize(("eta", "words"), [(100.0, "times its weights; try a smaller"), (1e-4, "try a larger eta")])
def test_a_rate_far_out_of_range_is_told(digits: Dataset, eta: float, words: str) -> None:
    assert words in found(digits, eta)


def test_a_first_step_that_leaves_the_finite_numbers_is_told(digits: Dataset) -> None:
    network = Network(SIZES, activation=Relu(), rng=0)
    network.weights[1] *= 1e38
    assert "the first step leaves the finite numbers" in "\n".join(suspicions(network, digits, Steps()))


def test_units_that_start_saturated_are_told(digits: Dataset) -> None:
    network = Network(SIZES, rng=0, init=Gaussian())
    network.weights[0] *= 5
    (line,) = [line for line in suspicions(network, digits, Steps()) if "saturated" in line]
    assert line.startswith("layer 1: ")
    assert line.endswith(" % of its sigmoid activations are saturated at the start")


def test_dead_units_are_counted(digits: Dataset) -> None:
    network = Network([64, 20, 10], activation=Relu(), rng=0)
    network.biases[0][:5], network.biases[0][5:] = -100, 10
    lines = list(suspicions(network, digits, Steps(eta=0.01)))
    assert "layer 1: 25 % of its relu units are dead: saturated for every example" in lines


def test_outputs_that_start_surely_wrong_are_told(digits: Dataset) -> None:
    network = Network(SIZES, rng=0)
    network.biases[-1][:] = 10  # all of them say yes: nine halves, and half a one is for nothing
    lines = "\n".join(suspicions(network, digits, Steps()))
    assert "the cost is 4.5, and a network that knows nothing has 1.25" in lines


def test_a_layer_whose_gradient_vanishes_is_told(digits: Dataset) -> None:
    assert "layer 1: moves " in found(digits, sizes=[64, *[20] * 6, 10])


def test_inputs_that_are_not_scaled_are_told(digits: Dataset) -> None:
    train = digits.train
    other = replace(digits, train=Examples(train.x, train.y, scale=20 * train.scale))
    assert "inputs are not scaled: they lie between 0 and 20" in found(other)
    assert "not scaled" not in found(other, standardisation=fitted(other.train, each=False))


def test_unbalanced_classes_are_told(digits: Dataset) -> None:
    kept = (digits.train.y != 3) | (np.arange(len(digits.train)) % 5 == 0)
    few = Examples(digits.train.x[kept], digits.train.y[kept], digits.train.scale)
    assert "classes are unbalanced: " in found(replace(digits, train=few))


def test_the_network_stays_as_it_is(digits: Dataset) -> None:
    network = Network(SIZES, rng=0)
    before = network.fingerprint()
    list(suspicions(network, digits, Steps()))
    assert network.fingerprint() == before


def test_units_that_start_alike_are_told(digits: Dataset) -> None:
    assert "layer 1: all of its units start alike, and will stay so" in found(digits, init=Zeros())
