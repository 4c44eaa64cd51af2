"""Memory: which store, how it opens, what a recorder does when things go wrong."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sqlite3
import subprocess
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recordings import Recording, epoch
from running import PATIENCE, give_store

from nnexp.data.sources.digits import Digits
from nnexp.errors import NotRemembered, TrackingError, UsageError, redacted
from nnexp.nn.network import Network
from nnexp.runtime.heartbeat import HEARTBEAT, HOST, PROCESS, is_alive
from nnexp.runtime.signals import Interrupted, Interrupts
from nnexp.tracking import provenance
from nnexp.tracking.contract import MLflow
from nnexp.tracking.mlflow.store import Store, open_store, resolve, without_login
from nnexp.tracking.params import as_text, from_text
from nnexp.train.events import Ended, EpochDone, Started

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
    folder = give_store(tmp_path_factory.mktemp("store"))
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


def test_a_status_that_could_not_be_set_is_set_a_little_later(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, pauses = recording.store.client, list[float]()
    real = client.set_terminated

    def away(*_: Any) -> None:
        monkeypatch.setattr(client, "set_terminated", real)
        raise OSError("the server is away")

    monkeypatch.setattr(client, "set_terminated", away)
    monkeypatch.setattr("nnexp.tracking.mlflow.recorder.time.sleep", pauses.append)
    recording.recorder(Ended("KILLED", Interrupted(2)))
    assert recording.run.info.status == "KILLED"
    assert len(pauses) == 1


def test_a_signal_while_a_run_is_made_leaves_a_run_that_can_be_ended(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnexp.tracking.mlflow.recorder import MLflowRecorder

    real = recording.store.client.create_run

    def signalled(*arguments: Any, **more: Any) -> Any:
        run = real(*arguments, **more)
        signal.raise_signal(signal.SIGTERM)
        return run

    monkeypatch.setattr(recording.store.client, "create_run", signalled)
    interrupts = Interrupts()
    recorder = MLflowRecorder(recording.store, replace(recording.record, held=interrupts.held))
    with pytest.raises(Interrupted), interrupts:
        recorder(Started(Network([64, 10], rng=0), Digits().load(), 2))
    recorder(Ended("KILLED", Interrupted(15)))
    assert recording.store.client.get_run(recorder.run_id).info.status == "KILLED"


def test_a_run_beats_until_it_ends(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Heart:
        def __init__(self, beat: Callable[[str], object]) -> None:
            self.beat, self.stopped = beat, False
            hearts.append(self)

        def stop(self) -> None:
            self.stopped = True

    hearts: list[Heart] = []
    monkeypatch.setattr("nnexp.tracking.mlflow.recorder.Heartbeat", Heart)
    recording = Recording(uri, tmp_path)
    (heart,) = hearts
    heart.beat("1234")
    assert recording.run.data.tags[HEARTBEAT] == "1234"
    assert not heart.stopped
    recording.recorder(Ended("KILLED", Interrupted(2)))
    assert heart.stopped


def test_a_new_run_is_alive_by_this_process(recording: Recording) -> None:
    assert is_alive(recording.run.data.tags)


# Going on with a run.


def test_a_run_that_goes_on_says_running(recording: Recording) -> None:
    recording.recorder(Ended("KILLED", Interrupted(2)))
    recording.go_on()
    assert recording.run.info.status == "RUNNING"


def test_a_run_that_goes_on_is_alive_by_the_process_that_trains_it_now(recording: Recording) -> None:
    for name, value in {HOST: "elsewhere", PROCESS: "999999999 1", HEARTBEAT: "0"}.items():
        recording.store.client.set_tag(recording.run_id, name, value)
    assert not is_alive(recording.run.data.tags)
    recording.go_on()
    assert is_alive(recording.run.data.tags)


def test_a_run_that_goes_on_has_no_epoch_twice_and_none_missing(recording: Recording) -> None:
    """Epoch 1 is in the checkpoint, and was never written; epoch 0 is in both."""
    recording.epoch(0)
    recording.go_on(epoch(0), epoch(1))
    recording.epoch(2)
    assert sorted(recording.steps()) == [0, 1, 2]


def test_the_best_epoch_of_a_run_that_went_on_is_of_all_its_epochs(recording: Recording) -> None:
    recording.go_on(epoch(0), epoch(9))
    recording.recorder(EpochDone(10, {"test_accuracy": 0.2, "validation_accuracy": 0.2}))
    with pytest.raises(NotRemembered):
        recording.recorder(Ended("FINISHED"))  # without weights.npz, which come last
    assert recording.run.data.metrics["best_validation_epoch"] == 9


def test_a_run_can_go_on_with_another_way_to_launch_it(recording: Recording) -> None:
    recording.go_on(params={"eta": 3.5, "resume": "require"})
    assert recording.run.data.params == {"eta": "3.0", "sizes": "[64,10]", "resume": "require"}


def test_the_last_two_uploaded_checkpoints_are_kept(recording: Recording, tmp_path: Path) -> None:
    for number in range(4):
        file = tmp_path / f"epoch-00000{number}.npz"
        file.write_bytes(b"a checkpoint")
        recording.recorder.keep(file)
    kept = [copy.path for copy in recording.store.client.list_artifacts(recording.run_id, "checkpoints")]
    assert kept == ["checkpoints/epoch-000002.npz", "checkpoints/epoch-000003.npz"]


def test_a_file_of_the_users_among_uploaded_checkpoints_stays(recording: Recording, tmp_path: Path) -> None:
    recording.store.client.log_text(recording.run_id, "mine", "checkpoints/a-note.txt")
    for number in range(4):
        file = tmp_path / f"epoch-00000{number}.npz"
        file.write_bytes(b"a checkpoint")
        recording.recorder.keep(file)
    kept = [copy.path for copy in recording.store.client.list_artifacts(recording.run_id, "checkpoints")]
    assert "checkpoints/a-note.txt" in kept


def test_uploaded_checkpoints_are_fetched_where_there_are_none_and_replace_none(
    recording: Recording, tmp_path: Path
) -> None:
    from nnexp.tracking.mlflow.run_store import Memory
    from nnexp.tracking.mlflow.runs import StoredRun

    file = tmp_path / "epoch-000001.npz"
    file.write_bytes(b"uploaded")
    recording.recorder.keep(file)
    recording.store.client.log_text(recording.run_id, "not a checkpoint", "checkpoints/weights.npz")
    memory, run = Memory(recording.store), StoredRun(recording.store, recording.run)
    memory.fetch_checkpoints(run, tmp_path / "none")
    assert (tmp_path / "none/epoch-000001.npz").read_bytes() == b"uploaded"
    assert not (tmp_path / "none/weights.npz").exists()
    file.write_bytes(b"here")
    memory.fetch_checkpoints(run, tmp_path)
    assert file.read_bytes() == b"here"


# Looking runs up.


def keyed(store: Store, key: str, started: int, status: str | None = None) -> str:
    run = store.client.create_run(store.experiment_id, start_time=started, tags={"nnexp.key": key})
    if status:
        store.client.set_terminated(run.info.run_id, status)
    return str(run.info.run_id)


def test_a_finished_run_is_found_before_a_newer_one_that_is_not(uri: str) -> None:
    from nnexp.tracking.mlflow.runs import find

    store = open_store(uri, "nnexp")
    finished = keyed(store, "first", 1000, "FINISHED")
    keyed(store, "first", 2000, "KILLED")
    found = find(store, "first")
    assert found is not None
    assert found.id == finished


def test_of_unfinished_runs_the_newest_is_found(uri: str) -> None:
    from nnexp.tracking.mlflow.runs import find

    store = open_store(uri, "nnexp")
    keyed(store, "second", 1000, "KILLED")
    newest = keyed(store, "second", 2000, "KILLED")
    keyed(store, "second", 1500, "KILLED")
    found = find(store, "second")
    assert found is not None
    assert found.id == newest


def test_a_key_is_looked_up_in_one_search_that_names_it(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp.tracking.mlflow.runs import find

    store, asked = open_store(uri, "nnexp"), list[str]()
    real = store.client.search_runs

    def search_runs(experiments: list[str], filter_string: str = "", **more: Any) -> Any:
        asked.append(filter_string)
        return real(experiments, filter_string, **more)

    monkeypatch.setattr(store.client, "search_runs", search_runs)
    find(store, "third")
    assert asked == ["tags.`nnexp.key` = 'third'"]


def test_a_run_is_found_by_the_beginning_of_its_id_without_reading_the_others(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnexp.tracking.mlflow.runs import run_called

    store, asked = open_store(uri, "nnexp"), list[str]()
    run_id = store.client.create_run(store.experiment_id).info.run_id
    real = store.client.search_runs

    def search_runs(experiments: list[str], filter_string: str = "", *more: Any, **named: Any) -> Any:
        asked.append(filter_string)
        return real(experiments, filter_string, *more, **named)

    monkeypatch.setattr(store.client, "search_runs", search_runs)
    assert run_called(store, run_id[:20]).id == run_id
    assert asked == [f"attributes.run_id LIKE '{run_id[:20]}%'"]


@pytest.mark.parametrize("word", ["", "%", "_", "d8396f9e' OR ", "../x"])
def test_what_can_be_no_id_is_no_runs(uri: str, word: str) -> None:
    from nnexp.tracking.mlflow.runs import run_called

    with pytest.raises(UsageError, match="expected the id of one run"):
        run_called(open_store(uri, "nnexp"), word)


@pytest.fixture
def crowded(uri: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Seventeen runs, of which two ids begin alike, in a store that gives five at a time."""
    store = open_store(uri, "crowded")
    if not store.client.search_runs([store.experiment_id]):
        for number in range(17):
            keyed(store, str(number), number)
    real = store.client.search_runs
    monkeypatch.setattr(store.client, "search_runs", lambda *a, **more: real(*a, **more | {"max_results": 5}))
    return store


def test_all_runs_are_listed_however_many_pages_they_take(crowded: Store) -> None:
    from nnexp.tracking.mlflow.runs import search

    assert len({run.id for run in search(crowded)}) == 17


def test_the_beginning_of_two_ids_is_no_ones(crowded: Store) -> None:
    from nnexp.tracking.mlflow.runs import run_called, search

    firsts = [run.id[0] for run in search(crowded)]
    with pytest.raises(UsageError, match="expected the id of one run"):
        run_called(crowded, max(firsts, key=firsts.count))


def test_one_run_is_trained_by_one_process_at_a_time(uri: str) -> None:
    from nnexp.tracking.mlflow import run_store as memory

    runs, said = memory.Memory(open_store(uri, "nnexp")), queue.Queue[str]()

    def second() -> None:
        with runs.alone("a key"):
            said.put("in")

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.put(record.getMessage())

    told, thread = Told(), threading.Thread(target=second)
    memory.log.addHandler(told)
    memory.log.setLevel(logging.INFO)
    try:
        with runs.alone("a key"):
            thread.start()
            assert said.get(timeout=PATIENCE) == "another process is training this very run: waiting for it"
        assert said.get(timeout=PATIENCE) == "in"
    finally:
        memory.log.removeHandler(told)
        memory.log.setLevel(logging.NOTSET)
        thread.join()


def test_another_run_of_the_experiment_is_not_waited_for(uri: str) -> None:
    from nnexp.tracking.mlflow.run_store import Memory

    runs, entered = Memory(open_store(uri, "nnexp")), threading.Event()

    def second() -> None:
        with runs.alone("another key"):
            entered.set()

    thread = threading.Thread(target=second)
    with runs.alone("a key"):
        thread.start()
        assert entered.wait(PATIENCE)
    thread.join()


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


@pytest.mark.parametrize(
    "value",
    [3.0, 1e-5, 1e30, 7, None, True, [784, 30, 10], ["gradients"], [], "relu", "a: b", "2026-01-01", "x #1", "*"],
)
def test_a_setting_comes_back_from_the_text_that_it_is_kept_as(value: Any) -> None:
    assert repr(from_text(as_text(value))) == repr(value)
