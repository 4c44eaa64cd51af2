"""A full disk, or a store that may not be written: said in a line, nothing lost, and the same command goes on."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import client_of
from running import give_store, run_nnexp
from training import Steps

from nnexp import disk_full as disk
from nnexp.data.sources.digits import Digits
from nnexp.errors import DiskFull, NotRemembered, TrackingError, in_a_line, of_the_disk
from nnexp.nn.blas import blas_threads
from nnexp.nn.engines.compiled import Compiled
from nnexp.nn.network import Network
from nnexp.nn.weights_file import load
from nnexp.tracking.mlflow.store import open_store
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.listeners import Listeners
from nnexp.train.trainer import train

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


@contextmanager
def no_room() -> Iterator[None]:
    """While it lasts, this process can write no byte into a file: what a full disk is like, on any machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def mount(folder: Path, options: str) -> None:
    """Mount a small disk there, or mount it again; skips the test where that may not be."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk can't be mounted here")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB with a new store on it."""
    mount(tmp_path, "size=8m")
    try:
        yield give_store(tmp_path)
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)  # MLflow keeps its file open in this process


def leave(folder: Path, size: int) -> None:
    """Fill the disk up to so many bytes."""
    status = os.statvfs(folder)
    with contextlib.suppress(OSError), (folder / "fill").open("wb", buffering=0) as file:
        file.write(bytes(max(0, status.f_bavail * status.f_frsize - size)))


# How it is recognised.


def chained(text: str) -> Exception:
    """As MLflow raises it: its own exception from SQLAlchemy's from SQLite's."""
    try:
        try:
            raise sqlite3.OperationalError(text)
        except sqlite3.OperationalError as error:
            raise ValueError("(raised as a result of Query-invoked autoflush)") from error
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(122, "Disk quota exceeded"),
        OSError(27, "File too large"),
        chained("database or disk is full"),
        chained("disk I/O error"),
        RuntimeError("INTERNAL_ERROR: (sqlite3.OperationalError) database or disk is full"),
    ],
)
def test_a_full_disk_is_recognised_however_it_is_wrapped(error: Exception) -> None:
    assert in_a_line(error).startswith("the disk is full")
    assert isinstance(of_the_disk(error), DiskFull)


@pytest.mark.parametrize("error", [OSError(13, "Permission denied"), chained("database is locked"), ValueError("full")])
def test_another_error_is_no_full_disk(error: Exception) -> None:
    assert not disk.full(error)
    assert of_the_disk(error) is None


# A store.


def test_a_healthy_store_without_runs_is_not_to_be_deleted_when_the_disk_is_full(tmp_path: Path) -> None:
    give_store(tmp_path)
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    with no_room(), pytest.raises(TrackingError) as caught:
        open_store(uri, "one more")
    assert "the disk is full" in str(caught.value)
    assert "delete" not in str(caught.value)
    assert open_store(uri, "one more").experiment_id


def test_a_store_with_runs_is_never_called_half_made(tmp_path: Path) -> None:
    uri = f"sqlite:///{give_store(tmp_path)}/mlflow.db"
    store = open_store(uri, "nnexp")
    store.client.create_run(store.experiment_id)
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:  # as a migration leaves it
        database.execute("CREATE TABLE _alembic_tmp_runs (run_uuid TEXT)")
        database.execute("UPDATE alembic_version SET version_num = 'nothing MLflow knows'")
        database.commit()
    (tmp_path / "moved").mkdir()
    moved = (tmp_path / "mlflow.db").rename(tmp_path / "moved" / "mlflow.db")  # MLflow has the other one open
    with pytest.raises(TrackingError) as caught:
        open_store(f"sqlite:///{moved}", "nnexp")
    assert "delete" not in str(caught.value)


def test_a_whole_store_of_another_version_of_mlflow_is_not_to_be_deleted(tmp_path: Path) -> None:
    give_store(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'nothing MLflow knows'")
        database.commit()
    with pytest.raises(TrackingError) as caught:
        open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp")
    assert "delete" not in str(caught.value)


@pytest.mark.parametrize("what", ["mlflow.db", "."])
def test_a_store_that_may_not_be_written_is_named_before_anything_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    give_store(tmp_path)
    shut, real = (tmp_path / what).resolve(), os.access
    # To root everything may be written, so the system can't be asked for a refusal.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != shut and real(path, mode))
    with pytest.raises(TrackingError, match=f"^{re.escape(str(shut))}: may not be written"):
        open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp")
    assert open_store(f"sqlite:///{tmp_path}/mlflow.db", "other", make=False).experiment_id


# In the middle and at the end.


def test_a_disk_that_is_full_for_many_epochs_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    def full(event: object) -> None:
        if isinstance(event, EpochDone):
            raise OSError(28, "No space left on device")

    listeners = Listeners([full, full])
    listeners.start(Started(Network([64, 10], rng=0), Digits().load(), 9))
    for epoch in range(9):
        listeners.tell(EpochDone(epoch, {}))
    assert [record.getMessage() for record in caplog.records] == ["epoch 0: the disk is full; training goes on"]


def test_a_checkpoint_that_found_no_room_is_not_tried_again_at_once(tmp_path: Path) -> None:
    seconds = [0.0]
    checkpoints = Checkpoints(tmp_path, "a key", Best(), seconds=10, clock=lambda: seconds[0])
    network = Network([64, 10], rng=0)
    checkpoints(Started(network, Digits().load(), 9))
    with no_room(), pytest.raises(OSError, match="large"):
        checkpoints(EpochDone(0, {"validation_accuracy": 0.5}, network.fingerprint()))
    checkpoints(EpochDone(1, {"validation_accuracy": 0.5}, network.fingerprint()))
    assert not list(tmp_path.glob("epoch-*"))
    seconds[0] = 10.0
    checkpoints(EpochDone(2, {"validation_accuracy": 0.5}, network.fingerprint()))
    assert [path.name for path in tmp_path.glob("epoch-*")] == ["epoch-000002.npz"]


def test_mlflow_writes_no_traceback_of_a_full_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from recordings import Recording, epoch

    recording = Recording(f"sqlite:///{give_store(tmp_path)}/mlflow.db", tmp_path)
    logging.getLogger("mlflow").addHandler(caplog.handler)  # it passes nothing on to the root
    try:
        with no_room(), pytest.raises(Exception, match=r".") as caught:
            recording.epoch(0)
        with no_room(), pytest.raises(NotRemembered, match=r"\(the disk is full, or fails\)"):
            recording.recorder(Ended("KILLED", KeyboardInterrupt()))
    finally:
        logging.getLogger("mlflow").removeHandler(caplog.handler)
    assert in_a_line(caught.value).startswith("the disk is full")
    assert not caplog.records
    recording.recorder(epoch(1))
    recording.recorder(Ended("KILLED", KeyboardInterrupt()))
    assert sorted(recording.steps()) == [0, 1]


# Whole programs on a disk that is really small.

RUN = ("data=digits", "sizes=[64,30,10]", "checkpoint_seconds=0")


def weights_of(epochs: int, seed: int) -> str:
    """The fingerprint that the run has which nothing goes wrong with."""
    with blas_threads(1):
        network = Network([64, 30, 10], engine=Compiled(), rng=[seed, 0])
        return list(train(network, Digits().load(), Steps(epochs=epochs, seed=seed)))[-1].weights


def weights_in(folder: Path) -> dict[str, str]:
    """The fingerprint of each finished run, by its seed."""
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    runs = client.search_runs([experiment], "attributes.status = 'FINISHED' and params.eta = '3.0'")
    return {run.data.params["seed"]: load(Path(run.info.artifact_uri) / "weights.npz").fingerprint() for run in runs}


@pytest.mark.slow
@pytest.mark.parametrize(("room", "epochs"), [(0, 5), (350_000, 5)])
def test_a_run_on_a_full_disk_says_so_in_a_line_and_goes_on_when_there_is_room(
    small_disk: Path, room: int, epochs: int
) -> None:
    leave(small_disk, room)
    full = run_nnexp(small_disk, *RUN, f"epochs={epochs}")
    assert full.returncode == 2
    assert re.fullmatch(rf"the disk is full.* are left in {small_disk}\): make room, .*\n", full.stderr)
    assert "Traceback" not in full.stdout
    assert "half made" not in full.stdout
    mount(small_disk, "remount,size=60m")
    again = run_nnexp(small_disk, *RUN, f"epochs={epochs}")
    assert again.returncode == 0, again.stderr
    assert weights_in(small_disk) == {"0": weights_of(epochs, 0)}


@pytest.mark.slow
@pytest.mark.parametrize(("launch", "room"), [("parallel", 40_000)])
def test_a_sweep_on_a_full_disk_names_each_job_and_goes_on_when_there_is_room(
    small_disk: Path, launch: str, room: int
) -> None:
    leave(small_disk, room)
    words = ("-m", *RUN, "epochs=5", "seed=range(3)", f"launch={launch}")
    full = run_nnexp(small_disk, *words)
    assert full.returncode == 1
    assert "jobs failed; the same command again runs them alone" in full.stderr
    assert "Traceback" not in full.stdout + full.stderr
    mount(small_disk, "remount,size=60m")
    again = run_nnexp(small_disk, *words)
    assert again.returncode == 0, again.stderr
    assert weights_in(small_disk) == {str(seed): weights_of(5, seed) for seed in range(3)}
