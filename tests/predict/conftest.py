"""A trained network, and images that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from drawings import TESTED

from nnexp.data.sources.mnist import Mnist
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network


@pytest.fixture(scope="module")
def network() -> Network:
    """784-30-10, trained on MNIST for an epoch."""
    train = Mnist().load().train
    network = Network([784, 30, 10], rng=0)
    network.train_epoch(train, np.random.default_rng(0).permutation(len(train)), 10, 3.0)
    return network


@pytest.fixture(scope="module")
def test_part() -> Examples:
    test = Mnist().load().test
    return Examples(test.x[:TESTED], test.y[:TESTED], test.scale)
