"""What a run has stored: changed behind its back, it is told by `verify` and used by nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Done, client_of, nnexp
from running import give_store, run_nnexp

from nnexp.errors import DataError
from nnexp.nn.weights_file import SHA256
from nnexp.runner.verify import verify
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stored_weights import network_of
from nnexp.tracking.stores.mlflow import MLflow

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

# Its best epoch is the second, its last the third.
SETTINGS = ["data=digits", "sizes=[64,10,10]", "eta=1.0", "epochs=3", "pictures=false"]
IDENTICAL = "identical: 4 epochs, from 0 to 3, bit for bit\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, and an image."""
    folder = give_store(tmp_path_factory.mktemp("stored"))
    client_of(folder)  # imports MLflow without its warnings
    done = run_nnexp(folder, *SETTINGS)
    assert done.returncode == 0, done.stderr
    np.savez(folder / "image.npz", images=np.eye(8))
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> StoredRun:
    (run,) = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open(make=False).search()
    return run


def stored(run: StoredRun, name: str) -> Path:
    """The file of the run's artifacts, or the weights of its model."""
    if name == "model":
        (weights,) = Path(run.store.files_of(run.id)).parents[1].glob("models/*/artifacts/data/weights.npz")
        return weights
    return Path(run.store.files_of(run.id)) / name


@contextmanager
def replaced(file: Path, content: bytes) -> Iterator[None]:
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        yield
    finally:
        file.write_bytes(before)


def with_arrays(file: Path, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A file of weights with a change, as an earlier version would have written it: without the hash of its arrays."""
    arrays = dict(np.load(file))
    arrays.pop(SHA256, None)
    change(arrays)
    written = io.BytesIO()
    np.savez(written, **arrays)
    return written.getvalue()


def nudged(file: Path) -> bytes:
    """The file with one weight a thousandth higher."""

    def nudge(arrays: dict[str, Any]) -> None:
        arrays["weights_1"][3, 4] += 1e-3

    return with_arrays(file, nudge)


@pytest.mark.parametrize(("name", "epoch"), [("weights.npz", 3), ("best_weights.npz", 2), ("model", 3)])
def test_verify_names_stored_weights_of_which_one_was_changed(
    folder: Path, run: StoredRun, name: str, epoch: int
) -> None:
    with replaced(stored(run, name), nudged(stored(run, name))):
        done = nnexp(folder, "verify", run.id)
    first, second = done.stdout.splitlines()
    assert done.returncode == 1
    assert first == "differs in what is stored; trained again, identical: 4 epochs, from 0 to 3, bit for bit"
    assert second.startswith(f"  run {run.id}: its {name} (epoch {epoch}) holds weights of hash ")


def test_a_run_whose_files_are_whole_verifies_as_identical(folder: Path, run: StoredRun) -> None:
    assert nnexp(folder, "verify", run.id).stdout == IDENTICAL


def test_files_that_an_earlier_version_has_written_verify_as_identical(folder: Path, run: StoredRun) -> None:
    weights, best = stored(run, "weights.npz"), stored(run, "best_weights.npz")
    with replaced(weights, with_arrays(weights, id)), replaced(best, with_arrays(best, id)):
        assert SHA256 not in np.load(weights)
        assert nnexp(folder, "verify", run.id).stdout == IDENTICAL


def test_verify_names_both_when_final_and_best_weights_are_swapped(run: StoredRun) -> None:
    final, best = stored(run, "weights.npz"), stored(run, "best_weights.npz")
    contents = final.read_bytes(), best.read_bytes()
    with replaced(final, contents[1]), replaced(best, contents[0]):
        verdict = verify(run, epochs=0)
    assert [line.partition(" its ")[2].partition(" holds")[0] for line in verdict.stored] == [
        "weights.npz (epoch 3)",
        "best_weights.npz (epoch 2)",
    ]


def test_verify_names_weights_that_are_gone(run: StoredRun) -> None:
    file = stored(run, "best_weights.npz")
    with replaced(file, file.read_bytes()):
        file.unlink()
        (line,) = verify(run, epochs=0).stored
    assert line.startswith(f"run {run.id}: its best_weights.npz can't be read")


def test_verify_names_an_activation_that_was_changed(run: StoredRun) -> None:
    file = stored(run, "weights.npz")
    with replaced(file, with_arrays(file, lambda arrays: arrays.update(activation=np.array("relu")))):
        (line,) = verify(run, epochs=0).stored
    assert line == f"run {run.id}: its weights.npz (epoch 3) has activation relu, expected sigmoid"


def test_verify_names_an_accuracy_in_epochs_json_that_mlflow_has_not(run: StoredRun) -> None:
    file = stored(run, "epochs.json")
    epochs = json.loads(file.read_text())
    logged = epochs[-1]["metrics"]["test_accuracy"]
    epochs[-1]["metrics"]["test_accuracy"] = 0.999
    with replaced(file, json.dumps(epochs).encode()):
        (line,) = verify(run, epochs=0).stored
    expected = f"its epochs.json has test_accuracy 0.999 in epoch 3, expected {logged:g}, as the store has"
    assert line == f"run {run.id}: {expected}"


def test_verify_names_a_best_epoch_in_epochs_json_that_mlflow_has_not(run: StoredRun) -> None:
    file = stored(run, "epochs.json")
    epochs = json.loads(file.read_text())
    epochs[1]["metrics"]["validation_accuracy"] = 0.999
    with replaced(file, json.dumps(epochs).encode()):
        line = verify(run, epochs=0).stored[0]
    assert line.startswith(f"run {run.id}: its epochs.json has validation_accuracy 0.999 in epoch 1, expected 0.")


@pytest.mark.parametrize("words", [("predict", "{run}", "image.npz"), ("predict", "{run}", "image.npz", "--best")])
def test_predict_uses_no_weights_that_were_changed(folder: Path, run: StoredRun, words: tuple[str, ...]) -> None:
    file = stored(run, "best_weights.npz" if "--best" in words else "weights.npz")
    with replaced(file, nudged(file)):
        done = nnexp(folder, *(word.format(run=run.id) for word in words))
    assert_refused(done, f"run {run.id}: its {file.name} (epoch ")


@pytest.mark.parametrize("words", [("serve", "{run}"), ("predict", "runs:/{run}/model", "image.npz")])
def test_no_model_is_used_that_was_changed(folder: Path, run: StoredRun, words: tuple[str, ...]) -> None:
    file = stored(run, "model")
    with replaced(file, nudged(file)):
        done = nnexp(folder, *(word.format(run=run.id) for word in words))
    assert_refused(done, f"run {run.id}: its model (epoch 3) holds weights of hash ")


@pytest.mark.parametrize("where", ["folder", "file"])
def test_predict_checks_a_runs_folder_by_its_epochs_json(folder: Path, where: str) -> None:
    (file,) = folder.glob("outputs/*/*/weights.npz")
    with replaced(file, nudged(file)):
        done = nnexp(folder, "predict", str(file if where == "file" else file.parent), "image.npz")
    assert_refused(done, f"{file}: holds weights of hash ", lines=1)


@pytest.mark.slow
def test_a_finished_run_whose_weights_were_changed_is_not_looked_up(folder: Path, run: StoredRun) -> None:
    file = stored(run, "weights.npz")
    with replaced(file, nudged(file)):
        done = run_nnexp(folder, *SETTINGS)
    assert_refused(Done(done.returncode, done.stdout, done.stderr), f"run {run.id}: its weights.npz (epoch 3) holds ")
    assert done.stderr.endswith("says what else departs; resume=never trains it anew\n")


def test_a_finished_run_whose_epochs_were_changed_is_not_looked_up(run: StoredRun) -> None:
    file = stored(run, "epochs.json")
    with (
        replaced(file, file.read_bytes().replace(b'"validation_accuracy": 0', b'"validation_accuracy": 1')),
        pytest.raises(DataError, match=r"its epochs\.json has validation_accuracy 1"),
    ):
        network_of(run)


def assert_refused(done: Done, beginning: str, lines: int = 2) -> None:
    assert done.returncode == 2
    assert done.stderr.startswith(beginning)
    assert len(done.stderr.splitlines()) == lines
