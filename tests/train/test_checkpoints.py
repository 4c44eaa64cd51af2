"""Checkpoints: written after an epoch, read back bit for bit, and refused where they do not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training import Steps, checkpointed, few_digits

from nnexp.data.dataset import Dataset
from nnexp.nn.activations.base import Activation
from nnexp.nn.costs.base import Cost
from nnexp.nn.engines.numpy import Numpy
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.weights_file import SHA256
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.snapshots import Snapshots
from nnexp.train.trainer import train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return few_digits()


STEPS = Steps(epochs=9, mini_batch_size=7, eta=0.5)


GROUPS: dict[str, Any] = {"cost": Cost, "activation": Activation, "init": Initialiser}


@pytest.mark.parametrize(
    ("group", "kind", "dtype"),
    [
        *((group, kind, "float32") for group, base in GROUPS.items() for kind in base.kinds()),
        ("cost", "quadratic", "float64"),
    ],
)
def test_going_on_from_a_checkpoint_changes_nothing_whatever_the_choice(
    tmp_path: Path, digits: Dataset, group: str, kind: str, dtype: str
) -> None:
    def new() -> Network:
        return Network([64, 12, 10], dtype=dtype, rng=[0, 0], **{group: GROUPS[group].named(kind)})

    steps = replace(STEPS, epochs=4)
    whole = checkpointed(tmp_path / "whole", new(), digits, steps)
    checkpointed(tmp_path / "broken", new(), digits, steps, killed_after=2)
    broken = checkpointed(tmp_path / "broken", new(), digits, steps)
    assert [event.weights for event in broken] == [event.weights for event in whole]
    assert [event.metrics["test_accuracy"] for event in broken] == [event.metrics["test_accuracy"] for event in whole]


def network() -> Network:
    return Network([64, 12, 10], rng=[0, 0])


def test_the_last_two_checkpoints_are_kept(tmp_path: Path, digits: Dataset) -> None:
    checkpointed(tmp_path, network(), digits, STEPS, killed_after=5)
    assert sorted(path.name for path in tmp_path.glob("e*")) == ["epoch-000004.npz", "epoch-000005.npz"]


def test_between_two_checkpoints_some_seconds_pass_and_the_last_epoch_has_one(tmp_path: Path, digits: Dataset) -> None:
    seconds = iter(range(0, 1000, 4))  # the clock goes on by 4 whenever it is read
    new = network()
    checkpoints = Checkpoints(tmp_path, "a key", Best(), seconds=10, clock=lambda: next(seconds))
    written: list[str] = []
    checkpoints(Started(new, digits, 9))
    for epoch in range(10):
        checkpoints(EpochDone(epoch, {"validation_accuracy": 0.5}, new.fingerprint()))
        written += [path.name for path in tmp_path.glob("e*") if path.name not in written]
    assert written[0] == "epoch-000000.npz"
    assert written[-1] == "epoch-000009.npz"
    assert 3 <= len(written) <= 5


def test_the_last_epoch_has_a_checkpoint_however_soon_it_comes(tmp_path: Path, digits: Dataset) -> None:
    new = network()
    checkpoints = Checkpoints(tmp_path, "a key", Best(), seconds=10, clock=lambda: 0.0)
    checkpoints(Started(new, digits, 2))
    for epoch in range(3):
        checkpoints(EpochDone(epoch, {"validation_accuracy": 0.5}, new.fingerprint()))
    assert sorted(path.name for path in tmp_path.glob("e*")) == ["epoch-000000.npz", "epoch-000002.npz"]


def test_a_run_that_goes_on_keeps_its_best_epoch(tmp_path: Path, digits: Dataset) -> None:
    new, best = network(), Best()
    checkpoints = Checkpoints(tmp_path, "a key", best, seconds=0)
    for listener in (best, checkpoints):
        listener(Started(new, digits, 9))
    for epoch, accuracy in enumerate([0.9, 0.1]):
        new.biases[0][:] = epoch
        for listener in (best, checkpoints):
            listener(EpochDone(epoch, {"validation_accuracy": accuracy}, new.fingerprint()))
    again = Best()
    Checkpoints(tmp_path, "a key", again, seconds=0).restore(network())
    assert again.accuracy == 0.9
    assert (again.arrays["biases_1"] == 0).all()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [damage, flip])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_used(
    tmp_path: Path, digits: Dataset, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, STEPS, killed_after=3)
    harm(tmp_path / "epoch-000003.npz")
    past = Checkpoints(tmp_path, "a key", Best(), 0).restore(network())
    assert past[-1].epoch == 2
    assert "epoch-000003.npz" in caplog.text


@pytest.mark.parametrize(
    ("other", "key", "message"),
    [
        (Network([64, 13, 10], rng=0), "a key", "sizes is [64 12 10], expected [64 13 10]"),
        (Network([64, 12, 10], dtype="float64", rng=0), "a key", "dtype is float32, expected float64"),
        (Network([64, 12, 10], cost=Cost.named("cross_entropy"), rng=0), "a key", "cost is quadratic"),
        (Network([64, 12, 10], rng=0), "another", "is of the run a key, expected another"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_by_name(
    tmp_path: Path, digits: Dataset, other: Network, key: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, STEPS, killed_after=1)
    before = other.fingerprint()
    assert Checkpoints(tmp_path, key, Best(), 0).restore(other) == []
    assert message in caplog.text
    assert other.fingerprint() == before


def changed(path: Path, **changes: Any) -> None:
    """Write the file again as an earlier version would, with arrays replaced, or left out where the change is None."""
    arrays = dict(np.load(path)) | {SHA256: None} | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def test_a_checkpoint_whose_weights_are_not_its_epochs_is_refused(
    tmp_path: Path, digits: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, STEPS, killed_after=0)
    changed(tmp_path / "epoch-000000.npz", biases_1=np.ones((12, 1), "float32"))
    new = network()
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(new) == []
    assert "the weights' hash is not the one of epoch 0" in caplog.text
    assert new.fingerprint() == network().fingerprint()


def test_a_checkpoint_whose_best_weights_are_not_the_best_epochs_is_refused(
    tmp_path: Path, digits: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, STEPS, killed_after=1)
    (tmp_path / "epoch-000000.npz").unlink()
    changed(tmp_path / "epoch-000001.npz", best_biases_1=np.ones((12, 1), "float32"))
    new = network()
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(new) == []
    assert "the weights' hash is not the one of epoch 1" in caplog.text
    assert new.fingerprint() == network().fingerprint()


SIX = replace(STEPS, epochs=6)


def with_snapshots(folder: Path, digits: Dataset, killed_after: int | None = None) -> Snapshots:
    """Snapshots of a run of 6 epochs that goes on from its checkpoint, if there is one."""
    snapshots = Snapshots()
    checkpointed(folder, network(), digits, SIX, killed_after=killed_after, snapshots=snapshots)
    return snapshots


@pytest.mark.parametrize("killed_after", range(7))
def test_a_run_that_goes_on_has_every_snapshot_of_the_unbroken_one(
    tmp_path: Path, digits: Dataset, killed_after: int
) -> None:
    unbroken = with_snapshots(tmp_path / "unbroken", digits).epochs
    with_snapshots(tmp_path / "broken", digits, killed_after)
    again = with_snapshots(tmp_path / "broken", digits).epochs
    assert list(again) == list(unbroken) == [0, 1, 2, 5, 6]
    assert all(np.array_equal(again[epoch], unbroken[epoch]) for epoch in unbroken)


def test_a_checkpoint_of_a_run_without_pictures_gives_one_that_has_them_those_from_then_on(
    tmp_path: Path, digits: Dataset
) -> None:
    checkpointed(tmp_path / "run", network(), digits, SIX, killed_after=1)
    assert list(with_snapshots(tmp_path / "run", digits).epochs) == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("name", "array"),
    [("snapshot_0", np.zeros((12, 63), np.float16)), ("snapshot_0", np.zeros((12, 64))), ("snapshot_x", np.zeros(1))],
)
def test_a_checkpoint_with_a_snapshot_that_does_not_fit_is_refused(
    tmp_path: Path, digits: Dataset, name: str, array: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with_snapshots(tmp_path / "run", digits, 0)
    changed(tmp_path / "run/epoch-000000.npz", **{name: array})
    assert Checkpoints(tmp_path / "run", "a key", Best(), 0).restore(network()) == []
    assert f"{name} is {array.dtype} {array.shape}, expected float16 (12, 64)" in caplog.text


def test_a_checkpoint_without_its_best_weights_is_refused(
    tmp_path: Path, digits: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, STEPS, killed_after=0)
    changed(tmp_path / "epoch-000000.npz", best_weights_1=None)
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(network()) == []
    assert "weights_1 is nothing" in caplog.text


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_signal_in_the_middle_of_an_epoch_leaves_a_checkpoint_of_the_one_before(
    tmp_path: Path, digits: Dataset, optimiser: str
) -> None:
    def new() -> Network:
        return Network([64, 12, 10], engine=Numpy(), optimiser=Optimiser.named(optimiser), rng=[0, 0])

    whole = checkpointed(tmp_path / "whole", new(), digits, STEPS)
    network, best = new(), Best()
    checkpoints = Checkpoints(tmp_path / "broken", "a key", best, seconds=1000, clock=lambda: 0.0)
    for listener in (best, checkpoints):
        listener(Started(network, digits, STEPS.epochs))
    for event in islice(train(network, digits, STEPS), 4):
        best(event)
        checkpoints(event)
    network.train_epoch(digits.train, np.arange(70), 7, 0.5)
    checkpoints(Ended("KILLED"))
    assert checkpoints.last == 3
    assert [event.weights for event in checkpointed(tmp_path / "broken", new(), digits, STEPS)] == [
        event.weights for event in whole
    ]
