"""`nnexp sync`, `export` and `import`: what they take, what they say, and that the runs they have moved can be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import client_of, listed, nnexp
from copies import recorded
from running import give_store

from nnexp.tracking.stores.folder import Folder

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which two runs were trained."""
    store = Folder(path=str(tmp_path / "outputs/runs")).open()
    recorded(store, tmp_path / "own")
    recorded(store, tmp_path / "own", 1, key="cd" * 32)
    return tmp_path


def lines(folder: Path, *words: str) -> list[str]:
    done = nnexp(folder, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_runs_of_the_current_folder_go_into_a_new_one_and_the_second_time_nothing_does(folder: Path) -> None:
    assert lines(folder, "sync", "--to", "archive") == ["2 runs new, 0 brought up to date, 0 there already"]
    assert lines(folder, "sync", "--to", "archive") == ["0 runs new, 0 brought up to date, 2 there already"]
    assert [row["id"] for row in listed(folder, "--uri", "archive")] == [row["id"] for row in listed(folder)]


def test_one_run_is_copied_by_the_beginning_of_its_id(folder: Path) -> None:
    run_id = listed(folder)[0]["id"]
    assert lines(folder, "sync", run_id[:8], "--to", "archive")[0].startswith("1 run new")
    assert [row["id"] for row in listed(folder, "--uri", "archive")] == [run_id]


def test_a_new_run_is_seen_among_those_that_mlflow_remembers_to_have(folder: Path) -> None:
    give_store(folder / "own")
    client_of(folder / "own")
    to = f"sqlite:///{folder}/own/mlflow.db"
    lines(folder, "sync", ".", "--to", to)
    recorded(Folder(path=str(folder / "outputs/runs")).open(), folder / "own", 1, key="ef" * 32)
    assert lines(folder, "sync", ".", "--to", to) == ["1 run new, 0 brought up to date, 2 there already"]


def test_the_address_of_the_environment_is_the_target_and_not_the_source(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_store(folder / "own")
    client_of(folder / "own")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/own/mlflow.db")
    assert lines(folder, "sync")[0].startswith("2 runs new")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sync",), "--to: nothing given, expected a store"),
        (("sync", "own", "--to", "archive"), "has neither outputs/runs nor mlflow.db, expected runs"),
        (("sync", "abc", "--to", "archive"), "run: got 'abc', expected the id of one run"),
        (("sync", "--to", "own"), "expected a folder that is new, empty or holds runs"),
        (("sync", "--to", "outputs/runs"), "holds the runs already"),
        (("sync", ".", "--from", "outputs/runs", "--to", "archive"), "expected one or the other"),
        (("export", "a.zip", "--sweep", "other"), "--sweep: got 'other', expected the name of a sweep"),
        (("export", "nowhere/a.zip"), "in a folder that is"),
        (("import", "own/config.yaml"), "expected an archive of `nnexp export`"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(folder: Path, words: tuple[str, ...], said: str) -> None:
    before = sorted(folder.rglob("*"))
    done = nnexp(folder, *words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert sorted(folder.rglob("*")) == before


def test_runs_go_into_one_file_and_out_of_it(folder: Path) -> None:
    assert lines(folder, "export", "a.zip") == ["2 runs in a.zip"]
    assert lines(folder, "import", "a.zip", "--to", "archive") == ["2 runs new, 0 brought up to date, 0 there already"]
    assert [row["id"] for row in listed(folder, "--uri", "archive")] == [row["id"] for row in listed(folder)]
    assert lines(folder, "import", "a.zip") == ["0 runs new, 0 brought up to date, 2 there already"]


def test_a_password_in_an_address_is_not_shown(folder: Path) -> None:
    done = nnexp(folder, "sync", "--to", "postgresql://me:hunter2@127.0.0.1:1/db")
    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr
