"""The network that a run begins with."""

from __future__ import annotations

from configs import config

from nnexp.data.sources.digits import Digits
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.network import Network
from nnexp.runner.preparation import new_network


def test_the_first_weights_are_made_from_seed_and_0() -> None:
    new = new_network(config("data=digits", "sizes=[64,10]", "seed=5"), Digits().load())
    assert new.fingerprint() == Network([64, 10], init=ScaledGaussian(), dtype="float32", rng=[5, 0]).fingerprint()
