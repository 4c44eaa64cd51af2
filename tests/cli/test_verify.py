"""`nnexp verify`."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import client_of, id_of, nnexp
from running import PATIENCE, environment, run_nnexp

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def tagged(folder: Path, epochs: int, name: str, value: str) -> str:
    """A tag of the run as it would be, had it been made by another code or machine; gives what it was."""
    client, run_id = client_of(folder), id_of(folder, epochs)
    before = client.get_run(run_id).data.tags[name]
    client.set_tag(run_id, name, value)
    return str(before)


def test_a_run_of_this_machine_verifies_as_identical(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 3))
    assert (done.returncode, done.stdout) == (0, "identical: 4 epochs, from 0 to 3, bit for bit\n")


def test_verify_names_a_setting_that_was_changed(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 3), "eta=2.9")
    assert done.returncode == 1
    assert "differs in epoch 1: weights" in done.stdout
    assert "setting eta: was 3.0, is 2.9" in done.stdout


def test_verify_names_the_number_of_threads(folder: Path) -> None:
    assert "setting threads: was 1, is 2" in nnexp(folder, "verify", id_of(folder, 1), "threads=2").stdout


def test_verify_trains_with_the_threads_that_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp.nn.blas import blas_threads
    from nnexp.runner import verify

    told: list[int] = []

    def noted(threads: int) -> Any:
        told.append(threads)
        return blas_threads(threads)

    monkeypatch.setattr(verify, "blas_threads", noted)
    nnexp(folder, "verify", id_of(folder, 1), "threads=2")
    assert told == [2]


def test_verify_does_not_name_a_setting_that_can_not_change_the_numbers(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 1), "checkpoint_seconds=5")
    assert done.stdout == "identical: 2 epochs, from 0 to 1, bit for bit\n"


def test_verify_names_a_param_that_config_yaml_contradicts(folder: Path) -> None:
    run_id = id_of(folder, 1)

    def set_eta(value: str) -> None:
        with contextlib.closing(sqlite3.connect(folder / "mlflow.db")) as store:
            store.execute("UPDATE params SET value = ? WHERE run_uuid = ? AND key = 'eta'", (value, run_id))
            store.commit()

    set_eta("0.02")
    verdict = nnexp(folder, "verify", run_id)
    set_eta("0.01")
    assert "setting eta: logged as 0.02, config.yaml has 0.01" in verdict.stdout


@pytest.mark.parametrize(("name", "what"), [("weights", "weights"), ("validation_accuracy", "validation_accuracy")])
def test_verify_names_the_epoch_that_departs_and_what_of_it(folder: Path, name: str, what: str) -> None:
    client, run_id = client_of(folder), id_of(folder, 3)
    file = Path(client.get_run(run_id).info.artifact_uri) / "epochs.json"
    before = file.read_text()
    epochs = json.loads(before)
    if name == "weights":
        epochs[2]["weights"] = "0" * 64
    else:
        epochs[2]["metrics"][name] += 0.001
    file.write_text(json.dumps(epochs))
    verdict = nnexp(folder, "verify", run_id)
    file.write_text(before)
    assert verdict.returncode == 1
    assert verdict.stdout.startswith(f"differs in epoch 2: {what}\n")


@pytest.mark.parametrize(
    "name", ["version.numpy", "version.blas", "code.data", "code.nn", "code.train", "data.sha256", "arithmetic"]
)
def test_verify_names_what_was_another_then(folder: Path, name: str) -> None:
    before = tagged(folder, 1, f"nnexp.{name}", "something else")
    try:
        assert f"{name}: was something else" in nnexp(folder, "verify", id_of(folder, 1)).stdout
    finally:
        tagged(folder, 1, f"nnexp.{name}", before)


def test_verify_tells_a_line_of_the_arithmetic_that_was_changed(folder: Path, tmp_path: Path) -> None:
    """The package is copied and one line of it changed; the run is the one that the real package made."""
    import shutil

    import nnexp as package

    source = Path(package.__file__).parent
    shutil.copytree(source, tmp_path / "nnexp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conf", "experiments"):
        if not (source / name).is_dir():  # in a checkout they lie beside the package
            shutil.copytree(source.parent / name, tmp_path / name)
    costs = tmp_path / "nnexp/nn/costs/quadratic.py"
    changed = costs.read_text().replace("* (a - y)", "* (1.0001 * (a - y))")
    assert changed != costs.read_text()
    costs.write_text(changed)
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from nnexp.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "verify", id_of(folder, 3)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1, done.stderr
    assert "differs in epoch 1: weights" in done.stdout
    assert "code.nn: was" in done.stdout


def test_verify_names_data_of_which_a_pixel_was_changed(folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {"x_train": rng.integers(0, 256, (60, 4), dtype=np.uint8), "y_train": np.arange(60) % 2}
    arrays |= {"x_test": rng.integers(0, 256, (20, 4), dtype=np.uint8), "y_test": np.arange(20) % 2}
    np.savez(tmp_path / "data.npz", **arrays)
    done = run_nnexp(folder, "data=npz", f"data.path={tmp_path}/data.npz", "sizes=[4,3,2]", "epochs=7")
    assert done.returncode == 0, done.stderr
    arrays["x_train"][0, 0] ^= 1
    np.savez(tmp_path / "data.npz", **arrays)
    run_id = id_of(folder, 7)
    verdict = nnexp(folder, "verify", run_id)
    client_of(folder).delete_run(run_id)
    assert verdict.returncode == 1
    assert "data.sha256: was" in verdict.stdout
