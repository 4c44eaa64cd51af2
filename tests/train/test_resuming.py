"""A run that is cut short and goes on is the unbroken one, bit for bit, whatever decides about its epochs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training import Steps, checkpointed, few_digits

from nnexp.data.augmentations.base import Augmentation
from nnexp.data.dataset import Dataset
from nnexp.nn.activations.base import Activation
from nnexp.nn.averages.base import Average
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import EpochDone
from nnexp.train.schedules.base import Schedule
from nnexp.train.schedules.cosine import Cosine
from nnexp.train.schedules.exponential import Exponential
from nnexp.train.schedules.halve_on_plateau import HalveOnPlateau
from nnexp.train.schedules.step import Step
from nnexp.train.stopping.never import Never
from nnexp.train.stopping.no_improvement import NoImprovement
from nnexp.train.stopping.small_rate import SmallRate
from nnexp.train.stopping.target import Target

PLAIN = Steps(epochs=6, eta=0.5)
RATES = {"momentum": 0.1, "nesterov": 0.1, "rmsprop": 0.001, "adagrad": 0.01, "adam": 0.001, "adamw": 0.001}
NETWORKS = {
    "sgd": Network([64, 12, 10]),
    "layers": Network([64, 9, 8, 10], activation=Activation.named("sigmoid", layers=["tanh", "relu"])),
    **{name: Network([64, 12, 10], optimiser=Optimiser.named(name)) for name in RATES},
    "max_norm": Network([64, 12, 10], regulariser=Regulariser.named("max_norm", c=1.0)),
    "ema": Network([64, 12, 10], average=Average.named("ema", decay=0.99)),
    "swa": Network([64, 12, 10], average=Average.named("swa", start=3)),
    "adam_ema": Network([64, 12, 10], optimiser=Optimiser.named("adam"), average=Average.named("ema")),
    "l2": Network([64, 12, 10], regulariser=Regulariser.named("l2", lmbda=1.0)),
}
STEPS = {
    "sgd": PLAIN,
    "layers": PLAIN,
    "dropout": replace(PLAIN, dropout=[0.2, 0.5]),
    **{name: replace(PLAIN, eta=eta) for name, eta in RATES.items()},
    "max_norm": PLAIN,
    "ema": PLAIN,
    "swa": PLAIN,
    "adam_ema": replace(PLAIN, eta=0.001),
    "l2": PLAIN,
    **{kind: replace(PLAIN, schedule=Schedule.named(kind)) for kind in Schedule.kinds()},
    "step": replace(PLAIN, schedule=Step(every=2)),
    "halve_on_plateau": replace(PLAIN, eta=10.0, schedule=HalveOnPlateau(epochs=1)),
    "warm_up": replace(PLAIN, schedule=Cosine(warm_up=2)),
    "shift": replace(PLAIN, augment=Augmentation.named("shift")),
    "rotate": replace(PLAIN, augment=Augmentation.named("rotate")),
    "elastic": replace(PLAIN, augment=Augmentation.named("elastic")),
    "no_improvement": replace(PLAIN, epochs=40, eta=3.0, stopping=NoImprovement(epochs=2)),
    "target": replace(PLAIN, stopping=Target(accuracy=0.9)),
    "small_rate": replace(PLAIN, schedule=Exponential(factor=0.5), stopping=SmallRate(share=1 / 8)),
    "restore_best": replace(PLAIN, eta=30.0, stopping=Never(restore_best=True)),
}


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return few_digits()


def new(choice: str) -> Network:
    """A new network with the parts of the choice."""
    parts = NETWORKS.get(choice, NETWORKS["sgd"])
    return Network(parts.sizes, rng=[0, 0], activation=parts.activation, **vars(parts.update))


def measured(epochs: list[EpochDone]) -> list[tuple[str, float, float | None]]:
    """What of the epochs has to be the same: weights, accuracy, cost."""
    return [(each.weights, each.metrics["test_accuracy"], each.metrics.get("train_cost")) for each in epochs]


@pytest.mark.parametrize("choice", STEPS)
def test_going_on_is_the_unbroken_run_after_whichever_epochs_it_was_killed(
    tmp_path: Path, digits: Dataset, choice: str
) -> None:
    steps, unbroken = STEPS[choice], new(choice)
    whole = checkpointed(tmp_path / "whole", unbroken, digits, steps)
    for epoch in sorted({0, 1, len(whole) // 2, whole[-1].epoch}):
        checkpointed(tmp_path / "broken", new(choice), digits, steps, killed_after=epoch)
    network = new(choice)
    again = checkpointed(tmp_path / "broken", network, digits, steps)
    assert measured(again) == measured(whole)
    assert network.fingerprint() == unbroken.fingerprint()
    for name, array in unbroken.optimiser_arrays().items():
        np.testing.assert_array_equal(network.optimiser_arrays()[name], array)


@pytest.mark.parametrize(("changed", "found"), [(None, "nothing"), (np.zeros((3, 3)), "float64 (3, 3)")])
def test_a_checkpoint_without_what_the_optimiser_keeps_is_refused_by_name(
    tmp_path: Path,
    digits: Dataset,
    changed: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None,
    found: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    checkpointed(tmp_path, new("momentum"), digits, STEPS["momentum"], killed_after=0)
    file = tmp_path / "epoch-000000.npz"
    arrays = {name: array for name, array in np.load(file).items() if name != "sha256"}
    velocity = arrays.pop("optimiser_velocity_weights_1")
    np.savez(file, **arrays if changed is None else arrays | {"optimiser_velocity_weights_1": changed})  # type: ignore[arg-type]
    network = new("momentum")
    before = network.fingerprint()
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(network) == []
    expected = f"velocity_weights_1 is {found}, expected {velocity.dtype} {velocity.shape}"
    assert expected in caplog.text
    assert network.fingerprint() == before
