"""A folder of plain files as a run store: what is in it, what is left of a write that was cut short, who reads it."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recordings import FILES, epoch

from nnexp.data.sources.digits import Digits
from nnexp.errors import NotRemembered, TrackingError, UsageError
from nnexp.nn.network import Network
from nnexp.runtime.owned_files import set_aside
from nnexp.runtime.signals import Interrupted
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.lookup import run_called
from nnexp.tracking.recording import Record, Recorder, Results
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stores.folder import Folder
from nnexp.train.events import Ended, EpochDone, Started

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> FolderRuns:
    return Folder(path=str(tmp_path / "runs")).open()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder that a run has written its files into."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "config.yaml").write_text("eta: 3.0\n")
    return folder


def started(store: FolderRuns, own: Path, *past: EpochDone, run: StoredRun | None = None, key: str = KEY) -> Recorder:
    """The recorder of a run that has started, or goes on."""
    record = Record("a name", {"eta": 3.0}, {"nnexp.key": key}, own, FILES, "images", contextlib.nullcontext)
    recorder = store.recorder(record, run)
    recorder(Started(Network([64, 10], rng=0), Digits().load(), 2, past))
    return recorder


def of(store: FolderRuns, recorder: Recorder) -> StoredRun:
    (run,) = store.beginning(recorder.run_id)
    return run


def lines(store: FolderRuns, recorder: Recorder) -> Path:
    return Path(store.files_of(recorder.run_id)) / "epochs.jsonl"


def curve(store: FolderRuns, recorder: Recorder) -> list[int]:
    return list(store.curves([recorder.run_id], ["test_accuracy"])["test_accuracy"][recorder.run_id])


def steps(file: Path) -> list[int]:
    return [json.loads(line)["epoch"] for line in file.read_text().splitlines()]


def test_a_run_on_its_way_is_found_by_its_key_with_what_it_has_measured(store: FolderRuns, own: Path) -> None:
    recorder = started(store, own)
    recorder(epoch(0))
    recorder(EpochDone(1, {"test_accuracy": 0.25, "validation_accuracy": 0.5}))
    run = store.find(KEY)
    assert run is not None
    assert (run.id, run.status, run.alive, run.params) == (recorder.run_id, "RUNNING", True, {"eta": "3.0"})
    assert run.metrics == {"test_accuracy": 0.25, "validation_accuracy": 0.5}
    assert run.test_examples == 300


def test_a_key_that_no_run_has_finds_none(store: FolderRuns, own: Path) -> None:
    started(store, own)
    assert store.find(KEY[:16] + "0" * 48) is None


def test_a_finished_run_has_the_results_of_the_chosen_epoch_and_its_files(store: FolderRuns, own: Path) -> None:
    recorder = started(store, own)
    for number in (0, 1):
        recorder(EpochDone(number, {"test_accuracy": 0.1, "validation_accuracy": 0.2, "epoch_seconds": 1.0}))
    (own / "weights.npz").write_bytes(b"weights")
    (own / "figures").mkdir()
    (own / "figures/a.png").write_bytes(b"picture")
    recorder(Ended("FINISHED"))
    run = of(store, recorder)
    assert run.finished
    assert (run.metrics["best_validation_epoch"], run.metrics["train_seconds"]) == (0.0, 2.0)
    assert run.metrics["epochs_done"] == 1
    assert [point.step for point in store.contents(run).points if point.metric == "epochs_done"] == [0]
    for name, content in (("weights.npz", b"weights"), ("figures/a.png", b"picture")):
        with run.artifact(name) as file:
            assert file.read_bytes() == content


@pytest.mark.parametrize(("status", "error"), [("FAILED", ValueError("no")), ("KILLED", Interrupted(2))])
def test_a_run_ends_with_the_status_it_is_told_and_says_why(
    store: FolderRuns, own: Path, status: Any, error: BaseException
) -> None:
    recorder = started(store, own)
    recorder(Ended(status, error))
    run = of(store, recorder)
    assert (run.status, run.ended is not None, "nnexp.error" in run.tags) == (status, True, True)


def test_a_file_that_can_not_be_stored_is_a_failed_run_that_is_not_remembered(store: FolderRuns, own: Path) -> None:
    recorder = started(store, own)
    recorder(epoch(0))
    Path(store.files_of(recorder.run_id), "weights.npz").mkdir()  # where a file is to be
    (own / "weights.npz").write_bytes(b"weights")
    with pytest.raises(NotRemembered, match=f"run {recorder.run_id} could not be stored completely"):
        recorder(Ended("FINISHED"))
    assert of(store, recorder).status == "FAILED"


def test_a_torn_last_line_is_dropped_and_its_epoch_written_again(store: FolderRuns, own: Path) -> None:
    recorder = started(store, own)
    for number in range(3):
        recorder(epoch(number))
    file = lines(store, recorder)
    file.write_text(file.read_text()[:-5])
    assert curve(store, recorder) == [0, 1]
    again = started(store, own, epoch(0), epoch(1), run=of(store, recorder))
    again(epoch(2))
    assert steps(file) == [0, 1, 2]


def test_a_run_that_goes_on_has_no_epoch_twice_and_none_missing(store: FolderRuns, own: Path) -> None:
    """Epoch 1 is in the checkpoint, and was never written; epoch 2 was written, and is trained again."""
    recorder = started(store, own)
    for number in (0, 2):
        recorder(epoch(number))
    again = started(store, own, epoch(0), epoch(1), run=of(store, recorder))
    again(epoch(2))
    again(epoch(3))
    assert again.run_id == recorder.run_id
    assert curve(store, again) == [0, 1, 2, 3]
    assert sorted(steps(lines(store, again))) == [0, 1, 2, 3]


def test_an_epoch_for_which_the_disk_was_full_is_written_with_the_next(store: FolderRuns, own: Path) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            return real.write(data[:7])

    recorder = started(store, own)
    recorder(epoch(0))
    real: Any = recorder._lines
    recorder._lines = Full()  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space left"):
        recorder(epoch(1))
    assert curve(store, recorder) == [0]
    recorder._lines = real
    recorder(epoch(2))
    assert curve(store, recorder) == [0, 1, 2]


def test_a_finished_run_is_found_before_a_newer_one_that_is_not(store: FolderRuns, own: Path) -> None:
    first, second = started(store, own), started(store, own)
    run_files.update(Path(store.files_of(first.run_id)), status="FINISHED", started=1.0)
    run_files.update(Path(store.files_of(second.run_id)), status="KILLED", started=2.0)
    found = store.find(KEY)
    assert found is not None
    assert found.id == first.run_id
    store.set_status(first.run_id, "KILLED")
    found = store.find(KEY)
    assert found is not None
    assert found.id == second.run_id


def test_a_key_is_looked_up_without_reading_other_runs(
    store: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        started(store, own, key=f"{number}" * 64)
    opened, real = list[str](), run_files.facts_in
    monkeypatch.setattr(run_files, "facts_in", lambda folder: (opened.append(folder.name), real(folder))[1])
    found = store.find("3" * 64)
    assert found is not None
    assert opened == [f"{found.id}-{'3' * 16}"]


def test_tags_that_are_given_at_the_same_time_are_all_there(store: FolderRuns, own: Path) -> None:
    run_id = started(store, own).run_id
    threads = [threading.Thread(target=store.tag, args=(run_id, {f"t{number}": "yes"})) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {f"t{number}" for number in range(8)} <= set(store.search()[0].tags)


def test_a_run_that_can_not_be_read_is_left_out_with_a_warning(
    store: FolderRuns, own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole, damaged = started(store, own), started(store, own)
    Path(store.files_of(damaged.run_id), "run.json").write_text('{"id": ')
    with caplog.at_level(logging.WARNING):
        assert [run.id for run in store.search()] == [whole.run_id]
    assert f"{damaged.run_id}-{KEY[:16]}/run.json is left out: it can't be read" in caplog.text


def test_a_removed_run_is_found_by_nobody_and_can_be_moved_back(store: FolderRuns, own: Path) -> None:
    run_id = started(store, own).run_id
    store.remove(run_id)
    assert store.search() == []
    assert store.find(KEY) is None
    with pytest.raises(UsageError, match=f"run {run_id} is removed; move .* back into .* to have it again"):
        run_called(store, run_id[:8])
    (folder,) = Path(store.address, "removed").iterdir()
    folder.rename(Path(store.address, folder.name))
    assert run_called(store, run_id[:8]).id == run_id


def test_the_last_two_checkpoints_are_kept_and_a_file_of_the_users_stays(store: FolderRuns, own: Path) -> None:
    recorder = started(store, own)
    for number in range(4):
        file = own / f"epoch-00000{number}.npz"
        file.write_bytes(b"checkpoint")
        recorder.keep(file)
        Path(store.files_of(recorder.run_id), "checkpoints/note.txt").write_text("mine")
    with of(store, recorder).artifact("checkpoints") as folder:
        names = {path.name for path in folder.iterdir()} - {".nnexp"}
    assert names == {"epoch-000002.npz", "epoch-000003.npz", "note.txt"}


@pytest.mark.parametrize("sweep", ["eta-seed", "..", "a/b", "x" * 300])
def test_a_sweep_has_one_summary_in_the_folder_whatever_its_name(store: FolderRuns, sweep: str) -> None:
    for text in ("first", "second"):
        summary = store.sweep_summary(sweep)
        summary.begin(["eta"], more=True)
        summary.end("FINISHED", Results(text, {"table.csv": text, "figures/a.png": b"x"}, {"new": 2}, "best"), ["eta"])
    (found,) = store.summaries()
    assert (found.id, found.tags["nnexp.summary"], found.metrics) == (summary.id, sweep, {"jobs/new": 2.0})
    (folder,) = (path for path in Path(store.address).iterdir() if path.is_dir())
    assert (folder / "table.csv").read_text() == "second"
    assert store.search() == []


def test_a_report_of_the_same_runs_stays_where_it_is(store: FolderRuns) -> None:
    summary = store.sweep_summary("a sweep")
    summary.end("FINISHED", Results("text", {"report.html": "old"}, {}, "", report_of="these runs"), ["eta"])
    summary.end("FINISHED", Results("text", {}, {}, "", report_of="these runs"), ["eta"])
    assert summary.report_of == "these runs"


def test_the_report_of_a_sweep_that_goes_on_is_out_of_date_and_deleted(store: FolderRuns) -> None:
    summary = store.sweep_summary("eta")
    summary.end("FINISHED", Results("text", {"report.html": "old", "table.csv": "eta"}, {}, ""), ["eta"])
    (folder,) = (path for path in Path(store.address).iterdir() if path.is_dir())
    summary.begin(["eta"], more=False)
    assert (folder / "report.html").exists()
    summary.begin(["eta"], more=True)
    assert not (folder / "report.html").exists()
    assert (folder / "table.csv").exists()


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Path]:
    """A folder with somebody else's file."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    yield folder
    assert {path.name for path in folder.iterdir()} == {"thesis.txt"}


def test_a_folder_of_somebody_else_is_no_run_store(foreign: Path) -> None:
    with pytest.raises(TrackingError, match=r"tracking.path: got '.*foreign', expected a folder that is new"):
        Folder(path=str(foreign)).open()


def test_a_store_that_is_not_there_is_not_made_by_who_only_reads(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"tracking.path: got '.*none', expected a folder that holds runs"):
        Folder(path=str(tmp_path / "none")).open(make=False)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"started": None},
        {"ended": "y"},
        {"params": None},
        {"tags": []},
        {"name": None},
        {"metrics": {"x": "y"}},
        {"id": "0"},
        {"id": "0" * 32},
        {"id": "%"},
        {"started": float("nan")},
        {"started": -1.0},
        {"ended": float("inf")},
        {"ended": 1e15},
        {"status": "DONE"},
        {"metrics": {"x": 10**400}},
        {"test_examples": 2**63},
    ],
)
def test_a_run_whose_facts_were_edited_is_left_out_with_a_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: dict[str, Any]
) -> None:
    folder = tmp_path / f"{'a' * 32}-{'b' * 16}"
    folder.mkdir()
    facts = {"id": "a" * 32, "name": "n", "status": "FINISHED", "started": 1.0, "ended": 2.0}
    facts |= {"tags": {}, "params": {}, "metrics": {}, "test_examples": 5}
    run_files.create(folder, **facts)
    store = FolderRuns(tmp_path)
    assert [run.id for run in store.search()] == ["a" * 32]
    run_files.create(folder, **(facts | change))
    assert store.search() == []
    assert f"{folder / 'run.json'} is left out: it can't be read (ValueError: " in caplog.text


HUGE = f'{{"epoch": {2**63}, "metrics": {{}}}}'


def test_a_time_that_no_calendar_has_is_none(tmp_path: Path) -> None:
    (tmp_path / run_files.EPOCHS).write_text(f'{{"epoch": 1, "time": {2**63}, "metrics": {{"x": 1.0}}}}')
    assert run_files.lines(tmp_path) == [run_files.Line(1, {"x": 1.0}, 0)]


@pytest.mark.parametrize(
    "line", ["5", "[]", '{"metrics": {}}', '{"epoch": 1, "metrics": 5}', HUGE, "\udcff", "[" * 10**5]
)
def test_a_line_that_is_no_epoch_is_dropped(tmp_path: Path, line: str) -> None:
    good = str(run_files.Line(3, {"test_accuracy": 0.5}))
    (tmp_path / run_files.EPOCHS).write_bytes(f"{line}\n{good}".encode(errors="surrogateescape"))
    assert run_files.points(tmp_path) == {3: {"test_accuracy": 0.5}}


def test_a_folder_that_is_a_link_or_carries_no_mark_is_not_set_aside(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for folder in (tmp_path / "link", tmp_path / "elsewhere"):
        assert not set_aside(folder, "key", tmp_path / "removed")
    assert not (tmp_path / "removed").exists()
