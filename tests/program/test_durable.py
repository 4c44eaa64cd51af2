"""Nothing lost, nothing repeated: real processes, killed for real, and the same command again."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import client_of, listed, nnexp, runs_in
from configs import config
from processes import line_of, rest_of, started
from running import give_store, run_nnexp
from training import Steps

from nnexp.data.sources.mnist import Mnist
from nnexp.nn.blas import blas_threads
from nnexp.nn.engines.compiled import Compiled
from nnexp.nn.network import Network
from nnexp.nn.weights_file import load
from nnexp.runner import checkpoint_folders
from nnexp.runner.one_run import one_run
from nnexp.runtime.owned_files import take
from nnexp.tracking.run_store import RunStore
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.tags import CHECKPOINT_FOLDER
from nnexp.train.events import EpochDone
from nnexp.train.ranking import best_of
from nnexp.train.trainer import train

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")]

KILLS = int(os.environ.get("NNEXP_KILLS", "1"))  # of each sort


def unbroken(seed: int, epochs: int) -> list[EpochDone]:
    """The epochs of the run that nobody kills."""
    network = Network([784, 30, 10], engine=Compiled(), rng=[seed, 0])
    with blas_threads(1):
        return list(train(network, Mnist().load(), Steps(epochs=epochs, seed=seed)))


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


def test_a_killed_run_whose_every_part_remembers_something_goes_on_as_the_unbroken_one(
    folder: Path, tmp_path: Path
) -> None:
    parts = ["optimiser=momentum", "regulariser=l2", "schedule=step", "schedule.every=2", "stopping=no_improvement"]
    parts += ["augment=elastic", "train_size=10000"]
    command = ["sizes=[784,30,10]", "checkpoint_seconds=0", "eta=0.5", "stopping.epochs=2", *parts]
    with started(folder, *command) as process:
        line_of(process, "epoch  4/30")
        process.kill()
    done = run_nnexp(folder, *command)
    assert done.returncode == 0, done.stderr
    expected = one_run(config(*command, "tracking=off", "pictures=false"), tmp_path / "unbroken").history.epochs
    assert trained(done.stdout)[-1] == expected[-1].epoch < 30
    assert f"stopped after epoch {expected[-1].epoch} of 30: no better validation accuracy" in done.stdout
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    (run,) = client.search_runs([experiment], "params.optimiser = 'momentum'")
    weights = load(Path(client.download_artifacts(run.info.run_id, "weights.npz")))
    assert weights.fingerprint() == best_of(expected).weights


ADAM = ["optimiser=adam", "average=ema", "dropout=[0.1,0.2]", "regulariser=elastic", "schedule=cosine", "eta=0.002"]
NESTEROV = ["optimiser=nesterov", "average=swa", "average.start=50", "regulariser=max_norm", "regulariser.c=1.0"]
NESTEROV += ["schedule=halve_on_plateau", "schedule.epochs=1", "eta=0.3", "augment=shift", "engine=numpy"]


@pytest.mark.parametrize("parts", [ADAM, NESTEROV], ids=["adam", "nesterov"])
def test_a_killed_run_of_these_parts_together_goes_on_as_the_unbroken_one(tmp_path: Path, parts: list[str]) -> None:
    command = ["data=digits", "sizes=[64,12,10]", "train_size=600", "standardise=true", "epochs=200", *parts]
    command += ["tracking=folder", "pictures=false"]
    with started(tmp_path, *command, "checkpoint_seconds=0") as process:
        line_of(process, "epoch  60/200")
        process.kill()
    again = run_nnexp(tmp_path, *command)
    assert again.returncode == 0, again.stderr
    assert 60 <= trained(again.stdout)[0] < 200
    (weights,) = tmp_path.glob("outputs/runs/*/weights.npz")
    expected = one_run(config(*command, "tracking=off"), tmp_path / "unbroken")
    assert load(weights).fingerprint() == expected.history.epochs[-1].weights


def test_two_starts_of_one_command_at_once_train_it_once(tmp_path: Path) -> None:
    with started(tmp_path, "experiments=quick") as one, started(tmp_path, "experiments=quick") as other:
        outputs = [process.communicate()[0] for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), outputs
    client = client_of(tmp_path)
    (run,) = client.search_runs([client.get_experiment_by_name("nnexp").experiment_id])
    assert len(client.get_metric_history(run.info.run_id, "test_accuracy")) == 21
    assert sum("nothing to train" in output for output in outputs) == 1


def test_another_machine_that_shares_only_the_store_goes_on_from_the_uploaded_checkpoint(tmp_path: Path) -> None:
    give_store(tmp_path)
    command = ["sizes=[784,30,10]", "epochs=20", "checkpoint_seconds=0", "checkpoint_upload=true", "pictures=false"]
    with started(tmp_path, *command) as process:
        line_of(process, "epoch  5/20")
        process.kill()
        last = max([5, *trained(rest_of(process))])
    shutil.rmtree(tmp_path / "outputs")
    again = run_nnexp(tmp_path, *command)
    assert again.returncode == 0, again.stderr
    assert last <= trained(again.stdout)[0] <= last + 1
    (run,) = runs_in(tmp_path)
    weights = load(Path(client_of(tmp_path).download_artifacts(run.info.run_id, "weights.npz")))
    assert weights.fingerprint() == unbroken(0, 20)[-1].weights


def store_of(folder: Path) -> RunStore:
    return MLflow(uri=f"sqlite:///{folder}/mlflow.db").open()


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


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_ctrl_c_keeps_the_epoch_just_done_and_says_after_which_epoch_the_same_command_goes_on(
    tmp_path: Path, engine: str
) -> None:
    command = ["sizes=[784,30,10]", "epochs=8", "checkpoint_seconds=1000", f"engine={engine}", "tracking=folder"]
    with started(tmp_path, *command) as process:
        line_of(process, "epoch 2/8")
        os.kill(process.pid, signal.SIGINT)
        said = rest_of(process)
    assert process.returncode == 130
    last = max([2, *trained(said)])
    assert said.endswith(f"stopped by Ctrl-C; the same command again goes on after epoch {last}\n")
    again = run_nnexp(tmp_path, *command)
    assert again.returncode == 0, again.stderr
    assert trained(again.stdout)[0] == last + 1
    (row,) = listed(tmp_path)
    assert nnexp(tmp_path, "verify", row["id"]).stdout.startswith("identical: 9 epochs")


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
