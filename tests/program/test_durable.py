"""Nothing lost, nothing repeated: real processes, killed for real, and the same command again."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import client_of, runs_in
from processes import line_of, rest_of, started, wait_until
from running import PATIENCE, give_store, run_nnexp

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist
from nnexp.nn.activations.base import Activation
from nnexp.nn.blas import blas_threads
from nnexp.nn.costs.base import Cost
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.network import Network
from nnexp.nn.weights_file import SHA256, load
from nnexp.runner import checkpoint_folders
from nnexp.runner.resume import earlier
from nnexp.runtime.files import take
from nnexp.runtime.heartbeat import HOST, PROCESS, process, this_process
from nnexp.tracking.contract import RunStore
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.tags import CHECKPOINT_FOLDER
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import EpochDone, Started
from nnexp.train.snapshots import Snapshots
from nnexp.train.trainer import train

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

KILLS = int(os.environ.get("NNEXP_KILLS", "2"))  # of each sort


def unbroken(seed: int, epochs: int) -> list[EpochDone]:
    """The epochs of the run that nobody kills."""
    network = Network([784, 30, 10], rng=[seed, 0])
    with blas_threads(1):
        return list(train(network, Mnist().load(), epochs=epochs, mini_batch_size=10, eta=3.0, seed=seed))


def in_training(process: subprocess.Popen[str], rng: random.Random) -> None:
    """Wait until some instant between the very start and the last epochs."""
    time.sleep(rng.uniform(0.5, 9.0))


def in_the_end(process: subprocess.Popen[str], rng: random.Random) -> None:
    """Wait until some instant while weights, pictures, model and status are written."""
    line_of(process, "epoch 29/30")
    time.sleep(rng.uniform(0.0, 2.5))


def trained(output: str) -> list[int]:
    """The epochs that it tells of."""
    return [int(number) for number in re.findall(r"^epoch +(\d+)/", output, re.MULTILINE)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store is there: making it is a test of its own."""
    return give_store(tmp_path_factory.mktemp("killed"))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
@pytest.mark.parametrize("instant", [in_training, in_the_end])
def test_a_run_killed_anywhere_and_started_again_is_the_unbroken_one(
    folder: Path, instant: Callable[[subprocess.Popen[str], random.Random], None], number: int
) -> None:
    seed = number + (1000 if instant is in_the_end else 0)
    command = ["sizes=[784,30,10]", "checkpoint_seconds=0", f"seed={seed}", "monitor=[gradients]"]
    with started(folder, *command) as process:
        instant(process, random.Random(seed))
        process.kill()
    done = run_nnexp(folder, *command)
    assert done.returncode == 0, done.stderr

    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    (run,) = client.search_runs([experiment], f"params.seed = '{seed}' and params.sizes = '[784,30,10]'")
    expected = unbroken(seed, 30)
    assert run.info.status == "FINISHED"
    for metric in ("test_accuracy", "validation_accuracy", "train_cost"):
        points = client.get_metric_history(run.info.run_id, metric)
        assert [(point.step, point.value) for point in points] == [
            (epoch.epoch, epoch.metrics[metric]) for epoch in expected if metric in epoch.metrics
        ]
    norms = client.get_metric_history(run.info.run_id, "gradient_norm/layer_1")
    assert [point.step for point in norms] == list(range(31))
    images = [file.path.split("+") for file in client.list_artifacts(run.info.run_id, "images")]
    assert sorted(int(parts[2]) for parts in images) == sorted(2 * [0, 1, 2, 5, 10, 20, 30])  # each large and small
    assert len(client.get_metric_history(run.info.run_id, "test_accuracy_at_best_validation")) == 1
    assert len(run.outputs.model_outputs) == 1
    weights = load(Path(client.download_artifacts(run.info.run_id, "weights.npz")))
    assert weights.fingerprint() == expected[-1].weights


@pytest.mark.slow
def test_two_starts_of_one_command_at_once_train_it_once(tmp_path: Path) -> None:
    with started(tmp_path, "experiments=quick") as one, started(tmp_path, "experiments=quick") as other:
        outputs = [process.communicate()[0] for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), outputs
    client = client_of(tmp_path)
    (run,) = client.search_runs([client.get_experiment_by_name("nnexp").experiment_id])
    assert len(client.get_metric_history(run.info.run_id, "test_accuracy")) == 21
    assert sum("nothing to train" in output for output in outputs) == 1


@pytest.mark.slow
def test_another_machine_that_shares_only_the_store_goes_on_from_the_uploaded_checkpoint(tmp_path: Path) -> None:
    command = ["sizes=[784,30,10]", "epochs=30", "checkpoint_seconds=0", "checkpoint_upload=true"]
    with started(tmp_path, *command) as process:
        line_of(process, "epoch  5/30")
        process.kill()
        last = max([5, *trained(rest_of(process))])
    shutil.rmtree(tmp_path / "outputs")
    again = run_nnexp(tmp_path, *command)
    assert again.returncode == 0, again.stderr
    assert last <= trained(again.stdout)[0] <= last + 1
    (run,) = runs_in(tmp_path)
    weights = load(Path(client_of(tmp_path).download_artifacts(run.info.run_id, "weights.npz")))
    assert weights.fingerprint() == unbroken(0, 30)[-1].weights


def store_of(folder: Path) -> RunStore:
    return MLflow(uri=f"sqlite:///{folder}/mlflow.db").open()


def test_a_run_that_is_alive_on_another_machine_is_waited_for(finished: Path) -> None:
    client = client_of(finished)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    tags = this_process() | {HOST: "elsewhere", "nnexp.key": "its key"}
    run_id = client.create_run(experiment, tags=tags).info.run_id
    looked: list[float] = []

    def sleep(seconds: float) -> None:
        looked.append(seconds)
        if len(looked) == 3:
            client.set_terminated(run_id, "FINISHED")

    found = earlier(store_of(finished), "its key", "auto", sleep)
    client.delete_run(run_id)
    assert len(looked) == 3
    assert found is not None
    assert (found.id, found.finished) == (run_id, True)


def test_a_run_that_is_alive_in_another_process_of_this_machine_is_waited_for(finished: Path) -> None:
    client = client_of(finished)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    tags = this_process() | {PROCESS: process(os.getppid()), "nnexp.key": "its key"}
    run_id = client.create_run(experiment, tags=tags).info.run_id
    found = earlier(store_of(finished), "its key", "auto", lambda _: client.set_terminated(run_id, "FINISHED"))
    client.delete_run(run_id)
    assert found is not None
    assert found.finished


def test_a_run_that_this_process_left_running_is_not_waited_for(finished: Path) -> None:
    client = client_of(finished)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    run_id = client.create_run(experiment, tags=this_process() | {"nnexp.key": "its key"}).info.run_id
    found = earlier(store_of(finished), "its key", "auto", lambda _: pytest.fail("it waits for itself"))
    client.delete_run(run_id)
    assert found is not None
    assert found.id == run_id


# One finished and one interrupted run, and what may be said of them.


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = give_store(tmp_path_factory.mktemp("finished"))
    assert run_nnexp(folder, "experiments=quick").returncode == 0
    return folder


def test_a_finished_run_is_not_trained_again_and_leaves_no_folder(finished: Path) -> None:
    folders = set(finished.glob("outputs/*/*"))
    again = run_nnexp(finished, "experiments=quick")
    (run,) = runs_in(finished)
    assert again.returncode == 0
    assert "nothing to train" in again.stdout
    assert run.info.run_id in again.stdout
    assert set(finished.glob("outputs/*/*")) == folders


def test_another_way_to_say_the_same_settings_is_the_same_run(finished: Path) -> None:
    words = ["data=digits", "sizes=[64,30,10]", "epochs=20", "checkpoint_seconds=9", "seed=0"]
    assert "nothing to train" in run_nnexp(finished, *words).stdout


def test_a_run_that_is_required_and_not_there_is_an_error(finished: Path) -> None:
    done = run_nnexp(finished, "experiments=quick", "eta=0.7", "resume=require")
    assert done.returncode == 2
    assert done.stderr.startswith("resume: got 'require', but sqlite:///")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    give_store(tmp_path)
    command = ["sizes=[784,30,10]", "epochs=30", "checkpoint_seconds=0"]
    with started(tmp_path, *command) as process:
        line_of(process, "epoch  5/30")
        os.kill(process.pid, number)
        last = max([5, *trained(rest_of(process))])
    again = run_nnexp(tmp_path, *command)
    assert again.returncode == 0, again.stderr
    epochs = trained(again.stdout)
    assert last <= epochs[0] <= last + 1
    assert epochs[-1] == 30
    (run,) = runs_in(tmp_path)
    assert run.info.status == "FINISHED"
    assert not (tmp_path / "outputs/checkpoints").exists()


def test_a_finished_run_whose_files_are_gone_says_so(finished: Path) -> None:
    (run,) = runs_in(finished)
    weights = Path(run.info.artifact_uri) / "weights.npz"
    weights.rename(weights.with_suffix(".away"))
    done = run_nnexp(finished, "experiments=quick")
    weights.with_suffix(".away").rename(weights)
    assert done.returncode == 2
    assert f"run {run.info.run_id}: its weights.npz can't be read" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("marked", [True, False])
def test_checkpoints_that_a_finished_run_has_left_are_removed(finished: Path, marked: bool) -> None:
    (run,) = runs_in(finished)
    left = Path(run.data.tags[CHECKPOINT_FOLDER])
    if marked:
        take(left, run.data.tags["nnexp.key"])
    left.mkdir(parents=True, exist_ok=True)
    (left / "epoch-000020.npz").touch()
    assert run_nnexp(finished, "experiments=quick").returncode == 0
    assert not left.exists()


def test_checkpoints_that_a_finished_run_has_left_are_removed_by_any_other(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = runs_in(finished)
    left = Path(run.data.tags[CHECKPOINT_FOLDER])
    take(left, run.data.tags["nnexp.key"])
    (left / "epoch-000020.npz").touch()
    monkeypatch.chdir(finished)
    checkpoint_folders.tidy(store_of(finished))
    assert not left.exists()


def test_a_run_that_goes_on_with_another_numpy_says_so(finished: Path) -> None:
    client = client_of(finished)
    (run,) = runs_in(finished)
    client.update_run(run.info.run_id, status="KILLED")
    version = run.data.tags["nnexp.version.numpy"]
    client.set_tag(run.info.run_id, "nnexp.version.numpy", "1.0")
    again = run_nnexp(finished, "experiments=quick")
    client.set_tag(run.info.run_id, "nnexp.version.numpy", version)
    assert again.returncode == 0
    assert f"to the last bit: version.numpy: was 1.0, is {version}" in again.stdout


# Checkpoints, without processes.


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def checkpointed(
    folder: Path, network: Network, digits: Dataset, epochs: int, upto: int, seed: int = 0
) -> list[EpochDone]:
    """Train until epoch `upto`, going on from whatever checkpoint is there; gives all epochs so far."""
    best = Best()
    checkpoints = Checkpoints(folder, "a key", best, seconds=0)
    past = checkpoints.restore(network)
    events = list(past)
    for listener in (best, checkpoints):
        listener(Started(network, digits, epochs, past))
    for event in train(
        network, digits, epochs=upto, mini_batch_size=7, eta=0.5, seed=seed, done=past[-1].epoch if past else None
    ):
        events.append(event)
        for listener in (best, checkpoints):
            listener(event)
    return events


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("init", sorted(Initialiser.kinds()))
@pytest.mark.parametrize("activation", sorted(Activation.kinds()))
@pytest.mark.parametrize("cost", sorted(Cost.kinds()))
def test_going_on_from_a_checkpoint_changes_nothing_whatever_the_choices(
    tmp_path: Path, digits: Dataset, cost: str, activation: str, init: str, dtype: str
) -> None:
    def new() -> Network:
        choices = {
            "cost": Cost.named(cost),
            "activation": Activation.named(activation),
            "init": Initialiser.named(init),
        }
        return Network([64, 12, 10], dtype=dtype, rng=[0, 0], **choices)  # type: ignore[arg-type]

    whole = checkpointed(tmp_path / "whole", new(), digits, 4, upto=4)
    checkpointed(tmp_path / "broken", new(), digits, 4, upto=2)
    broken = checkpointed(tmp_path / "broken", new(), digits, 4, upto=4)
    assert [event.weights for event in broken] == [event.weights for event in whole]
    assert [event.metrics["test_accuracy"] for event in broken] == [event.metrics["test_accuracy"] for event in whole]


def network() -> Network:
    return Network([64, 12, 10], rng=[0, 0])


def test_the_last_two_checkpoints_are_kept(tmp_path: Path, digits: Dataset) -> None:
    checkpointed(tmp_path, network(), digits, 5, upto=5)
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


def test_the_best_weights_are_those_of_the_first_of_several_equal_epochs(digits: Dataset) -> None:
    new, best = network(), Best()
    best(Started(new, digits, 3))
    for epoch in range(2):
        new.biases[0][:] = epoch
        best(EpochDone(epoch, {"validation_accuracy": 0.9}))
    assert (best.arrays["biases_1"] == 0).all()


def test_the_best_weights_are_those_of_the_epoch_with_the_best_validation_accuracy(
    tmp_path: Path, digits: Dataset
) -> None:
    new, best = network(), Best()
    best(Started(new, digits, 3))
    for epoch, accuracy in enumerate([0.1, 0.9, 0.8]):
        new.biases[0][:] = epoch
        best(EpochDone(epoch, {"validation_accuracy": accuracy}))
    assert (best.arrays["biases_1"] == 1).all()


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
    checkpointed(tmp_path, network(), digits, 9, upto=3)
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
    checkpointed(tmp_path, network(), digits, 9, upto=1)
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
    checkpointed(tmp_path, network(), digits, 9, upto=0)
    changed(tmp_path / "epoch-000000.npz", biases_1=np.ones((12, 1), "float32"))
    new = network()
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(new) == []
    assert "the weights' hash is not the one of epoch 0" in caplog.text
    assert new.fingerprint() == network().fingerprint()


def test_a_checkpoint_whose_best_weights_are_not_the_best_epochs_is_refused(
    tmp_path: Path, digits: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, 9, upto=1)
    (tmp_path / "epoch-000000.npz").unlink()
    changed(tmp_path / "epoch-000001.npz", best_biases_1=np.ones((12, 1), "float32"))
    new = network()
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(new) == []
    assert "the weights' hash is not the one of epoch 1" in caplog.text
    assert new.fingerprint() == network().fingerprint()


def snapshots_until(folder: Path, digits: Dataset, epoch: int) -> Snapshots:
    """Snapshots of a run of 6 epochs that goes on from its checkpoint, if there is one, until this epoch."""
    snapshots, best, skeleton = Snapshots(), Best(), network()
    checkpoints = Checkpoints(folder, "a key", best, 0, snapshots=snapshots)
    past = checkpoints.restore(skeleton)
    assert bool(past) == folder.is_dir()
    done = past[-1].epoch if past else None
    for listener in (best, snapshots, checkpoints):
        listener(Started(skeleton, digits, 6, past))
    for event in train(skeleton, digits, epochs=epoch, mini_batch_size=7, eta=0.5, seed=0, done=done):
        for listener in (best, snapshots, checkpoints):
            listener(event)
    return snapshots


@pytest.mark.parametrize("killed_after", range(7))
def test_a_run_that_goes_on_has_every_snapshot_of_the_unbroken_one(
    tmp_path: Path, digits: Dataset, killed_after: int
) -> None:
    unbroken = snapshots_until(tmp_path / "unbroken", digits, 6).epochs
    snapshots_until(tmp_path / "broken", digits, killed_after)
    again = snapshots_until(tmp_path / "broken", digits, 6).epochs
    assert list(again) == list(unbroken) == [0, 1, 2, 5, 6]
    assert all(np.array_equal(again[epoch], unbroken[epoch]) for epoch in unbroken)


def test_a_checkpoint_of_a_run_without_pictures_gives_one_that_has_them_those_from_then_on(
    tmp_path: Path, digits: Dataset
) -> None:
    checkpointed(tmp_path / "run", network(), digits, 6, upto=1, seed=0)
    assert list(snapshots_until(tmp_path / "run", digits, 6).epochs) == [1, 2, 5, 6]


@pytest.mark.parametrize(
    ("name", "array"),
    [("snapshot_0", np.zeros((12, 63), np.float16)), ("snapshot_0", np.zeros((12, 64))), ("snapshot_x", np.zeros(1))],
)
def test_a_checkpoint_with_a_snapshot_that_does_not_fit_is_refused(
    tmp_path: Path, digits: Dataset, name: str, array: Any, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots_until(tmp_path / "run", digits, 0)
    changed(tmp_path / "run/epoch-000000.npz", **{name: array})
    assert Checkpoints(tmp_path / "run", "a key", Best(), 0).restore(network()) == []
    assert f"{name} is {array.dtype} {array.shape}, expected float16 (12, 64)" in caplog.text


def test_a_checkpoint_without_its_best_weights_is_refused(
    tmp_path: Path, digits: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointed(tmp_path, network(), digits, 9, upto=0)
    changed(tmp_path / "epoch-000000.npz", best_weights_1=None)
    assert Checkpoints(tmp_path, "a key", Best(), 0).restore(network()) == []
    assert "weights_1 is nothing" in caplog.text


def test_a_beat_that_fails_is_followed_by_the_next() -> None:
    from nnexp.runtime.heartbeat import Heartbeat

    beats: list[str] = []
    arrived = threading.Event()

    def beat(now: str) -> None:
        beats.append(now)
        if len(beats) == 1:
            raise OSError("the store is away")
        arrived.set()

    heart = Heartbeat(beat, seconds=0.01)
    assert arrived.wait(PATIENCE)
    heart.stop()


def test_a_beat_stops_when_it_is_told_to() -> None:
    from nnexp.runtime.heartbeat import Heartbeat

    beats: list[str] = []
    before = set(threading.enumerate())
    heart = Heartbeat(beats.append, seconds=0.01)
    wait_until(lambda: len(beats) >= 2, "it beats")
    heart.stop()
    wait_until(lambda: set(threading.enumerate()) <= before, "its thread has ended")
    count = len(beats)
    time.sleep(0.1)
    assert len(beats) == count
