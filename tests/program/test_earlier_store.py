"""A store made by an earlier version is read, resumed, compared, verified and asked as before.

tests/fixtures/store-431866a.tar.gz was made by commit 431866a, its folder and host then replaced by placeholders:

    python -m nnexp.run data=digits sizes=[64,10,10] epochs=3 eta=1 pictures=false
    python -m nnexp.run data=digits sizes=[64,10,10] epochs=3 eta=0.1 pictures=false activation=relu \
        cost=cross_entropy init=gaussian monitor=[gradients] seed=7
    python -m nnexp.run -m data=digits sizes=[64,10,10] epochs=3 pictures=false eta=0.5,2 seed=0,1 sweep.name=old
    python -m nnexp.run data=digits sizes=[64,10,10] epochs=8 eta=1 pictures=false checkpoint_seconds=0 seed=3

The last one was killed by SIGKILL after its fifth epoch. The folders of the finished runs under outputs/ are left out.
"""

from __future__ import annotations

import json
import platform
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import yaml
from commands import client_of, nnexp, runs_in
from running import environment, run_nnexp

from nnexp.data.sources.digits import Digits
from nnexp.tracking.provenance import BLAS, blas

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

FIXTURE = Path(__file__).parents[1] / "fixtures/store-431866a.tar.gz"
FOLDER, HOST = "/the-folder", "the-host"  # where the fixture says that it was made
COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("tags", "value"),
)
ALIKE = ("data=digits", "sizes=[64,10,10]", "pictures=false", "engine=numpy")
FIRST, OTHER, DEAD = "1de61cd7", "5a72356e", "b3e9d778"
UNBROKEN = "43ee881addddd3f5cca0f9db0e0cb4d57f87f331ba51b4b5b833d903c0955324"  # of the weights after epoch 8


def unpacked(folder: Path) -> Path:
    """The store, as if it had been made in this folder on this machine."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(folder, filter="data")
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        for table, column in COLUMNS:
            for before, now in ((FOLDER, str(folder)), (HOST, platform.node())):
                database.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (before, now))  # noqa: S608
        database.commit()
    for model in folder.glob("mlruns/1/models/*/artifacts/MLmodel"):
        model.write_text(model.read_text().replace(FOLDER, str(folder)))
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store, to be read."""
    folder = unpacked(tmp_path_factory.mktemp("earlier"))
    client_of(folder)  # imports MLflow without its warnings
    return folder


@pytest.fixture
def own_store(tmp_path: Path) -> Path:
    """The store, to be written into."""
    return unpacked(tmp_path)


@pytest.fixture
def same_kernel(store: Path) -> None:
    """Another BLAS kernel gives other last bits, whatever the version of nnexp."""
    made_by = client_of(store).get_run(_whole(store, FIRST)).data.tags[BLAS]
    if made_by != blas():
        pytest.skip(f"the store was made by {made_by}, and this is {blas()}")


def _whole(store: Path, beginning: str) -> str:
    return next(str(run.info.run_id) for run in runs_in(store) if run.info.run_id.startswith(beginning))


def test_its_runs_are_listed_with_their_states_and_results(store: Path) -> None:
    rows = {row["id"][:8]: row for row in json.loads(nnexp(store, "runs", "--json").stdout)["runs"]}
    assert [rows[run]["status"] for run in (FIRST, OTHER, DEAD)] == ["FINISHED", "FINISHED", "DEAD"]
    assert rows[FIRST]["best_validation_accuracy"] == pytest.approx(173 / 300)
    assert len(rows) == 7


def test_its_sweep_comes_to_the_same_result(store: Path) -> None:
    told = json.loads(nnexp(store, "compare", "old", "--json").stdout)
    means = {group["name"]: (group["best validation"], group["test"]) for group in told["groups"]}
    assert means == {
        "eta=2": (pytest.approx(0.8183333333), pytest.approx(0.755)),
        "eta=0.5": (pytest.approx(0.4366666667), pytest.approx(0.4433333333)),
    }
    assert "can't tell from 2 seeds" in told["verdicts"][0]["sentence"]


@pytest.mark.usefixtures("same_kernel")
@pytest.mark.parametrize("run", [FIRST, OTHER])
def test_its_runs_are_verified(store: Path, run: str) -> None:
    done = nnexp(store, "verify", run)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_networks_are_asked(store: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "images.npz", images=Digits().load().test.x[:50])
    done = nnexp(store, "predict", FIRST, str(tmp_path / "images.npz"), "--as-is", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["answers"]) == 50


def test_a_finished_run_is_looked_up(own_store: Path) -> None:
    done = run_nnexp(own_store, *ALIKE, "epochs=3", "eta=1")
    assert done.returncode == 0, done.stderr
    assert "is finished already, nothing to train" in done.stdout
    assert len(runs_in(own_store)) == 8


def test_the_same_sweep_has_nothing_left_to_do(own_store: Path) -> None:
    done = run_nnexp(own_store, "-m", *ALIKE, "epochs=3", "eta=0.5,2", "seed=0,1", "sweep.name=old")
    assert done.returncode == 0, done.stderr
    assert "sweep old: 4 jobs, 4 of them done before" in done.stdout


@pytest.mark.usefixtures("same_kernel")
def test_a_run_that_was_killed_goes_on_and_ends_bit_for_bit_as_the_unbroken_one(own_store: Path) -> None:
    done = run_nnexp(own_store, *ALIKE, "epochs=8", "eta=1", "seed=3")
    assert done.returncode == 0, done.stderr
    assert "after epoch 5" in done.stdout
    client = client_of(own_store)
    epochs = client.download_artifacts(_whole(own_store, DEAD), "epochs.json", str(own_store))
    assert json.loads(Path(epochs).read_text())[-1]["weights"] == UNBROKEN


LOAD = """
import sys, numpy, mlflow.pyfunc
print(mlflow.pyfunc.load_model(sys.argv[1]).predict(numpy.zeros((3, 64), "float32")).shape)
"""


@pytest.mark.parametrize("carried", [True, False])
def test_its_models_are_loaded_by_the_name_that_they_give(own_store: Path, carried: bool) -> None:
    """With the code that they carry, and by the nnexp that is installed."""
    folder = sorted(own_store.glob("mlruns/1/models/*/artifacts"))[0]
    told = yaml.safe_load((folder / "MLmodel").read_text())
    assert told["flavors"]["python_function"]["loader_module"] == "nnexp.track.served"
    if not carried:
        told["flavors"]["python_function"].pop("code")
        (folder / "MLmodel").write_text(yaml.safe_dump(told))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD, str(folder)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "(3, 10)\n", done.stderr


def test_its_models_are_asked_by_path(store: Path, tmp_path: Path) -> None:
    folder = sorted(store.glob("mlruns/1/models/*/artifacts"))[0]
    np.savez(tmp_path / "images.npz", images=Digits().load().test.x[:1])
    done = nnexp(tmp_path, "predict", str(folder), "images.npz", "--as-is", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["answers"][0]["outputs"]) == 10
