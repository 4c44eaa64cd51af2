"""What the MLflow recorder writes, when things go wrong too, and when a run goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recordings import Recording, epoch

from nnexp.data.sources.digits import Digits
from nnexp.errors import NotRemembered
from nnexp.nn.network import Network
from nnexp.runner import checkpoint_folders
from nnexp.runtime.heartbeat import HEARTBEAT, HOST, PROCESS, is_alive
from nnexp.runtime.signals import Interrupted, Interrupts
from nnexp.tracking.mlflow.rows import Batch
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.runs import stored
from nnexp.tracking.tags import ERROR
from nnexp.train.events import Ended, EpochDone, Started

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


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


def test_epochs_of_less_than_two_seconds_are_written_together(recording: Recording) -> None:
    recording.epoch(0)
    for number in (1, 2, 3):
        recording.epoch(number, seconds=0.4)
    assert recording.steps() == [0]
    recording.epoch(4, seconds=0.5)
    assert sorted(recording.steps()) == [0, 1, 2, 3, 4]


def test_an_epoch_does_not_wait_for_one_that_would_come_more_than_two_seconds_after_the_last(
    recording: Recording,
) -> None:
    recording.epoch(0)
    recording.epoch(1, seconds=1.5)
    assert sorted(recording.steps()) == [0, 1]


def test_no_epoch_is_written_before_the_end_of_a_short_run(recording: Recording) -> None:
    recording.epoch(0, seconds=0.1)
    assert recording.steps() == []
    recording.recorder(Ended("KILLED", Interrupted(2)))
    assert recording.steps() == [0]


def test_an_epoch_that_could_not_be_written_is_written_with_the_next(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OSError("the server is gone")

    recording.epoch(0)
    with monkeypatch.context() as broken:
        broken.setattr(recording.recorder._rows, "write", gone)
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
        broken.setattr(recording.recorder._rows, "write", interrupted)
        with pytest.raises(Interrupted):
            recording.epoch(0)
    recording.recorder(Ended("KILLED", Interrupted(2)))
    assert recording.steps() == [0]


def test_a_run_that_ends_has_its_last_epochs_and_its_status_in_one_batch(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, real = list[Batch](), recording.recorder._rows.write

    def write(run_id: str, batch: Batch) -> None:
        batches.append(batch)
        real(run_id, batch)

    monkeypatch.setattr(recording.recorder._rows, "write", write)
    recording.epoch(0, seconds=0.1)
    recording.recorder(Ended("FAILED", ValueError("no")))
    (batch,) = batches
    assert (batch.status, batch.tags[ERROR], len(batch.metrics)) == ("FAILED", "ValueError: no", 2)


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
    rows, pauses = recording.recorder._rows, list[float]()
    real = rows.write

    def away(*_: Any) -> None:
        monkeypatch.setattr(rows, "write", real)
        raise OSError("the server is away")

    monkeypatch.setattr(rows, "write", away)
    recording.recorder._sleep = pauses.append
    recording.recorder(Ended("KILLED", Interrupted(2)))
    assert recording.run.info.status == "KILLED"
    assert len(pauses) == 1


def test_a_signal_while_a_run_is_made_leaves_a_run_that_can_be_ended(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnexp.tracking.mlflow.recorder import MLflowRecorder

    interrupts = Interrupts()
    recorder = MLflowRecorder(recording.store, replace(recording.record, held=interrupts.held))
    real = recorder._rows.create

    def signalled(*arguments: Any) -> Any:
        run = real(*arguments)
        signal.raise_signal(signal.SIGTERM)
        return run

    monkeypatch.setattr(recorder._rows, "create", signalled)
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
    assert recording.run.data.metrics["epochs_done"] == 10


def test_what_a_run_has_once_has_no_step_and_so_is_a_bar_in_the_ui(recording: Recording) -> None:
    recording.epoch(0)
    recording.epoch(1)
    with pytest.raises(NotRemembered):
        recording.recorder(Ended("FINISHED"))  # without weights.npz, which come last
    for name in ("best_validation_accuracy", "best_validation_epoch", "train_seconds", "epochs_done", "top2_accuracy"):
        assert [point.step for point in recording.store.client.get_metric_history(recording.run_id, name)] == [0], name


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
    file = tmp_path / "epoch-000001.npz"
    file.write_bytes(b"uploaded")
    recording.recorder.keep(file)
    recording.store.client.log_text(recording.run_id, "not a checkpoint", "checkpoints/weights.npz")
    run = stored(MLflowRuns(recording.store), recording.run)
    checkpoint_folders.fetch(run, tmp_path / "none")
    assert (tmp_path / "none/epoch-000001.npz").read_bytes() == b"uploaded"
    assert not (tmp_path / "none/weights.npz").exists()
    file.write_bytes(b"here")
    checkpoint_folders.fetch(run, tmp_path)
    assert file.read_bytes() == b"here"
