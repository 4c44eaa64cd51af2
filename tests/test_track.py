"""Memory: which store, how it opens, what a recorder does when things go wrong."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

from nnexp.data.digits import Digits
from nnexp.errors import NotRemembered, TrackingError, redacted
from nnexp.nn.network import Network
from nnexp.report.run_folder import FILES
from nnexp.track import provenance
from nnexp.track.store import open_store, resolve, without_login
from nnexp.track.tracking import MLflow, Record
from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.interrupts import Interrupted

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


# Which store.


def test_the_default_store_is_mlflow_db_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve(None) == f"sqlite:///{tmp_path}/mlflow.db"


def test_the_environment_names_the_store_and_the_setting_overrides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5001")
    assert resolve(None) == "http://127.0.0.1:5001"
    assert resolve("http://127.0.0.1:5002") == "http://127.0.0.1:5002"


def test_a_relative_sqlite_address_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve("sqlite:///runs/some.db") == f"sqlite:///{tmp_path}/runs/some.db"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:s3cret@db/mlflow",
        "http://s3cret@db",
        "postgresql://db/mlflow?user=ann&password=s3cret",
        "http://ann:x/s3cret@db",
        "http://ann:x#s3cret@db",
        "http://ann:s3[cret@db",
    ],
)
def test_a_secret_is_not_shown_and_refused_as_a_setting(address: str) -> None:
    assert "s3cret" not in redacted(f"request to {address}/api failed").replace("s3[cret", "s3cret")
    (problem,) = MLflow(uri=address).problems()
    assert "MLFLOW_TRACKING_URI" in problem


def test_an_address_without_a_secret_is_shown_as_it_is() -> None:
    text = "http://127.0.0.1:5000/#/experiments/1 and sqlite:////some/folder/mlflow.db"
    assert redacted(text) == text


def test_the_login_of_a_server_goes_where_mlflow_looks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "")
    assert without_login("http://ann:s3%40cret@127.0.0.1:9/x") == "http://127.0.0.1:9/x"
    assert (os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]) == ("ann", "s3@cret")


@pytest.mark.parametrize("name", ["q?y", "p%20q", "a'b"])
def test_a_folder_that_an_sqlite_address_can_not_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    with pytest.raises(TrackingError, match="which an SQLite address can't hold"):
        resolve(None)


# Opening it.


def test_a_half_made_store_is_recognised_with_advice(tmp_path: Path) -> None:
    """A first start that was cut short leaves Alembic's temporary tables, and MLflow fails on them for ever."""
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as store:
        store.execute("CREATE TABLE _alembic_tmp_runs (run_uuid TEXT)")
        store.execute("CREATE TABLE runs (run_uuid TEXT)")
        store.execute("CREATE TABLE experiments (experiment_id INTEGER)")
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES ('nothing MLflow knows')")
        store.commit()
    with pytest.raises(TrackingError, match=r"mlflow.db: this store was left half made .* delete it, or move it away"):
        open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(TrackingError, match=r"mlflow.db: can't open this MLflow store"):
        open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp")


def test_an_unreachable_server_does_not_give_the_password_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HTTP_REQUEST_MAX_RETRIES", "0"), ("TRACKING_USERNAME", ""), ("TRACKING_PASSWORD", "")):
        monkeypatch.setenv(f"MLFLOW_{name}", value)
    with pytest.raises(TrackingError) as caught:
        open_store("http://ann:s3cret@127.0.0.1:9", "nnexp")
    assert "s3cret" not in str(caught.value)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("store")
    with warnings.catch_warnings(), contextlib.chdir(folder):
        warnings.simplefilter("ignore")  # see above: a module's fixture is made outside of its tests' filters
        import mlflow.pyfunc  # noqa: F401

        return open_store(f"sqlite:///{folder}/mlflow.db", "nnexp").uri


def test_opening_a_store_again_finds_the_same_experiment(uri: str) -> None:
    assert open_store(uri, "nnexp").experiment_id == open_store(uri, "nnexp").experiment_id


def test_a_deleted_experiment_is_refused_with_the_way_to_restore_it(uri: str) -> None:
    store = open_store(uri, "gone")
    store.client.delete_experiment(store.experiment_id)
    with pytest.raises(TrackingError, match=f"mlflow experiments restore -x {store.experiment_id}"):
        open_store(uri, "gone")


# Recording.


class Recording:
    """A recorder on a real store, for a tiny network, and its run as the store has it."""

    def __init__(self, uri: str, folder: Path) -> None:
        from nnexp.track.recorder import MLflowRecorder

        (folder / "config.yaml").write_text("eta: 3.0\n")
        self.store = open_store(uri, "nnexp")
        record = Record(
            "a name", {"eta": 3.0, "sizes": [64, 10]}, {"tag": "value"}, folder, FILES, contextlib.nullcontext
        )
        self.seconds = 0.0
        self.recorder = MLflowRecorder(self.store, record, clock=lambda: self.seconds)
        self.recorder(Started(Network([64, 10], rng=0), Digits().load(), 2))
        self.run_id = self.recorder.whereabouts()[0].split()[-1]

    @property
    def run(self) -> Any:
        return self.store.client.get_run(self.run_id)

    def steps(self) -> list[int]:
        return [point.step for point in self.store.client.get_metric_history(self.run_id, "test_accuracy")]

    def epoch(self, number: int, seconds: float = 2.0) -> None:
        self.seconds += seconds
        self.recorder(EpochDone(number, {"test_accuracy": number / 10, "validation_accuracy": number / 10}))


@pytest.fixture
def recording(uri: str, tmp_path: Path) -> Recording:
    return Recording(uri, tmp_path)


def test_a_run_says_running_until_it_ends(recording: Recording) -> None:
    assert recording.run.info.status == "RUNNING"


@pytest.mark.parametrize(("status", "error"), [("FAILED", ValueError("no")), ("KILLED", Interrupted(2))])
def test_a_run_ends_with_the_status_it_is_told(recording: Recording, status: Any, error: BaseException) -> None:
    recording.epoch(0)
    recording.recorder(Ended(status, error))
    assert recording.run.info.status == status
    assert recording.steps() == [0]


def test_epochs_of_less_than_a_second_are_written_together(recording: Recording) -> None:
    recording.epoch(0)
    for number in (1, 2, 3):
        recording.epoch(number, seconds=0.3)
    assert recording.steps() == [0]
    recording.epoch(4, seconds=0.3)
    assert sorted(recording.steps()) == [0, 1, 2, 3, 4]


def test_an_epoch_that_could_not_be_written_is_written_with_the_next(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OSError("the server is gone")

    recording.epoch(0)
    with monkeypatch.context() as broken:
        broken.setattr(recording.store.client, "log_batch", gone)
        with pytest.raises(OSError, match="gone"):
            recording.epoch(1)
    recording.epoch(2)
    assert sorted(recording.steps()) == [0, 1, 2]


def test_an_epoch_that_could_not_be_written_is_written_at_the_end(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise Interrupted(2)

    with monkeypatch.context() as broken:
        broken.setattr(recording.store.client, "log_batch", interrupted)
        with pytest.raises(Interrupted):
            recording.epoch(0)
    recording.recorder(Ended("KILLED", Interrupted(2)))
    assert recording.steps() == [0]


def test_a_finished_run_whose_files_are_missing_is_failed_and_says_so(recording: Recording) -> None:
    recording.epoch(0)
    with pytest.raises(NotRemembered, match=f"run {recording.run_id} could not be logged completely"):
        recording.recorder(Ended("FINISHED"))  # without weights.npz in the folder
    assert recording.run.info.status == "FAILED"


def test_a_signal_while_the_end_is_written_leaves_the_run_killed(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise Interrupted(15)

    recording.epoch(0)
    monkeypatch.setattr(recording.store.client, "log_artifact", interrupted)
    with pytest.raises(Interrupted):
        recording.recorder(Ended("FINISHED"))
    assert recording.run.info.status == "KILLED"


# Where a run comes from.


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_git_tags_name_the_commit_of_a_clean_tree(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert provenance.git_tags(repository) == {"mlflow.source.git.commit": head, "nnexp.git.dirty": "false"}


def test_git_tags_tell_a_dirty_tree(repository: Path) -> None:
    (repository / "code.py").write_text("2\n")
    assert provenance.git_tags(repository)["nnexp.git.dirty"] == "true"


def test_outside_of_git_there_are_no_git_tags(tmp_path: Path) -> None:
    assert provenance.git_tags(tmp_path) == {}
