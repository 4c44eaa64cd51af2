"""A folder that has an MLflow store and a folder of runs: the first is read, and the second is not kept quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import client_of, nnexp
from copies import recorded
from running import give_store

from nnexp.runtime.owned_files import RUNS, take
from nnexp.tracking.served.marks import Marks
from nnexp.tracking.stores.folder import Folder

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HINT = "outputs/runs has runs, too: --uri outputs/runs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two empty stores."""
    give_store(tmp_path)
    client_of(tmp_path).create_experiment("nnexp")
    take(tmp_path / "outputs/runs", RUNS)
    return tmp_path


def test_a_table_of_runs_names_the_other_store(folder: Path) -> None:
    assert HINT in nnexp(folder, "runs").stdout
    assert HINT not in nnexp(folder, "runs", "--uri", "outputs/runs").stdout


def test_a_folder_whose_runs_are_all_in_the_other_store_is_not_named(folder: Path) -> None:
    runs = Folder(path=str(folder / "outputs/runs")).open()
    marks = Marks(Path(runs.address), f"sqlite:///{folder}/mlflow.db", "nnexp")
    first, second = (recorded(runs, folder / "own", key=key * 32) for key in ("ab", "cd"))
    marks.came_from_there(Path(runs.files_of(first.id)))
    assert HINT in nnexp(folder, "runs").stdout
    marks.came_from_there(Path(runs.files_of(second.id)))
    assert HINT not in nnexp(folder, "runs").stdout


def test_json_stays_json_where_the_other_store_is_named(folder: Path) -> None:
    done = nnexp(folder, "runs", "--json")
    assert json.loads(done.stdout)["runs"] == []
    assert HINT in done.stderr


@pytest.mark.parametrize("words", [("verify", "abc"), ("compare", "abc"), ("predict", "abc", "a.png")])
def test_a_run_that_is_not_found_may_be_in_the_other_store(folder: Path, words: tuple[str, ...]) -> None:
    done = nnexp(folder, *words)
    assert done.returncode == 2
    assert done.stderr.count(HINT) == 1


def test_an_mlflow_store_without_the_experiment_does_not_hide_the_other_store(tmp_path: Path) -> None:
    give_store(tmp_path)
    take(tmp_path / "outputs/runs", RUNS)
    done = nnexp(tmp_path, "compare")
    assert done.returncode == 2
    assert done.stderr.startswith("--experiment: got 'nnexp'")
    assert done.stderr.count(HINT) == 1


def test_where_there_is_one_store_no_other_is_named(tmp_path: Path) -> None:
    give_store(tmp_path)
    client_of(tmp_path).create_experiment("nnexp")
    assert HINT not in nnexp(tmp_path, "verify", "abc").stderr


def test_an_empty_address_in_the_environment_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    take(tmp_path / "outputs/runs", RUNS)
    done = nnexp(tmp_path, "runs", "--json")
    assert (done.returncode, json.loads(done.stdout)["runs"]) == (0, [])
