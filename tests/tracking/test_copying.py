"""Whole runs copied between stores: all of it arrives, twice is the same as once, and a crash in the middle too."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import client_of
from copies import KEY, SWEEP, files, of, recorded, whole
from running import PATIENCE, give_store

from nnexp.errors import UsageError
from nnexp.runtime import owned_files
from nnexp.runtime.heartbeat import PROCESS, process
from nnexp.tracking import syncing
from nnexp.tracking.copying import copy_run
from nnexp.tracking.folder import run_files, transfer
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.lookup import run_called
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.sqlite_rows import SQLiteRows
from nnexp.tracking.mlflow.ui.destination import shown_at
from nnexp.tracking.recording import Results
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.stored_weights import departures, epochs_of
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.syncing import sync
from nnexp.tracking.tags import SUMMARY, sweep_tags
from nnexp.tracking.tags import SWEEP as SWEEP_TAG

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Cut(Exception):
    """The plug was pulled."""


@pytest.fixture
def source(tmp_path: Path) -> FolderRuns:
    return Folder(path=str(tmp_path / "source")).open()


@pytest.fixture
def archive(tmp_path: Path) -> FolderRuns:
    return Folder(path=str(tmp_path / "archive")).open()


@pytest.fixture
def mlflow(tmp_path: Path) -> MLflowRuns:
    return mlflow_in(give_store(tmp_path))


def mlflow_in(folder: Path) -> MLflowRuns:
    """The store of this folder, which keeps its files there, too."""
    with contextlib.chdir(folder):  # in which MLflow puts the files of an experiment that it makes
        client_of(folder)  # imports MLflow without its warnings
        return MLflow(uri=f"sqlite:///{folder}/mlflow.db").itself()


@pytest.fixture(params=["archive", "mlflow"])
def target(request: pytest.FixtureRequest) -> RunStore:
    store: RunStore = request.getfixturevalue(request.param)
    return store


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_all_of_a_run_is_in_its_copies_on_the_way_there_and_back(
    source: FolderRuns, mlflow: MLflowRuns, archive: FolderRuns, own: Path
) -> None:
    run = recorded(source, own)
    assert copy_run(run, mlflow).how == "new"
    assert copy_run(of(mlflow, run), archive).how == "new"
    assert whole(of(mlflow, run)) == whole(run)
    assert whole(of(archive, run)) == whole(run)
    assert of(mlflow, run).id == run.id


def test_all_of_a_run_that_mlflow_has_recorded_is_in_its_copy(
    mlflow: MLflowRuns, archive: FolderRuns, own: Path
) -> None:
    run = recorded(mlflow, own)
    copy_run(run, archive)
    assert whole(of(archive, run)) == whole(run)
    assert {"images/first_layer/0002.png", "figures/a.png", "weights.npz"} <= set(files(of(archive, run)))


def test_a_copy_has_a_model_with_the_weights_that_the_run_has_ended_with(
    source: FolderRuns, mlflow: MLflowRuns, own: Path
) -> None:
    run = recorded(source, own)
    copy_run(run, mlflow)
    copy = of(mlflow, run)
    assert list(departures(copy, epochs_of(copy))) == []


def test_the_files_of_a_run_are_read_without_looking_at_the_names_of_all_runs(
    source: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(source, own)
    monkeypatch.setattr(run_files, "folders", lambda *_, **__: pytest.fail("all names were read"))
    assert "weights.npz" in files(run)


def test_copied_twice_is_copied_once(source: FolderRuns, target: RunStore, own: Path) -> None:
    run = recorded(source, own)
    copy_run(run, target)
    before = whole(of(target, run))
    assert copy_run(run, target).how == "there"
    assert whole(of(target, run)) == before


def test_what_came_from_a_store_is_there_already_when_it_is_copied_back(
    source: FolderRuns, target: RunStore, own: Path
) -> None:
    run = recorded(source, own)
    copy_run(run, target)
    assert copy_run(of(target, run), source).how == "there"


def steps(monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str]) -> Callable[[int | None], None]:
    """Sets at which of the calls of these functions, counted from 0, the plug is pulled."""
    count: Iterator[int] = itertools.count()
    cut: list[int | None] = [None]

    def pulled(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if next(count) == cut[0]:
                raise Cut
            return function(*arguments, **named)

        return call

    for owner, name in places:
        monkeypatch.setattr(owner, name, pulled(getattr(owner, name)))

    def at(step: int | None) -> None:
        nonlocal count
        count, cut[0] = itertools.count(), step

    return at


def cut_everywhere(run: StoredRun, new_target: Callable[[], RunStore], at: Callable[[int | None], None]) -> int:
    """Copies a run, cut short at the first step, and then whole, then cut at the second, ...; at how many steps."""
    for step in itertools.count():
        target = new_target()
        at(step)
        try:
            copy_run(run, target)
        except Cut:
            at(None)
            assert all(not each.finished for each in target.search()), "what is not whole says so"
            assert copy_run(run, target).how in ("new", "updated")
            assert whole(of(target, run)) == whole(run)
        else:
            return step
    raise AssertionError


def test_a_copy_in_a_folder_that_was_cut_short_anywhere_is_made_whole(
    source: FolderRuns, tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, numbers = recorded(source, own), itertools.count()
    of_folder = [(transfer, name) for name in ("take", "write", "written")]
    of_folder += [(run_files, name) for name in ("create", "update")]
    at = steps(monkeypatch, *of_folder)
    assert cut_everywhere(run, lambda: Folder(path=str(tmp_path / f"to{next(numbers)}")).open(), at) > 12


def of_mlflow(store: MLflowRuns) -> list[tuple[Any, str]]:
    """All that writes into an MLflow store."""
    client = type(store.store.client)
    names = "log_artifact", "log_artifacts", "create_logged_model", "finalize_logged_model", "log_outputs", "set_tag"
    return [(SQLiteRows, "create"), (SQLiteRows, "write"), *((client, name) for name in names)]


@pytest.mark.slow
def test_a_copy_in_mlflow_that_was_cut_short_anywhere_is_made_whole(
    source: FolderRuns, mlflow: MLflowRuns, tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, at, numbers = recorded(source, own), steps(monkeypatch, *of_mlflow(mlflow)), itertools.count()

    def new_target() -> RunStore:
        (folder := tmp_path / f"to{next(numbers)}").mkdir()
        return mlflow_in(give_store(folder))

    assert cut_everywhere(run, new_target, at) > 10


def test_a_copy_in_mlflow_that_was_cut_short_again_and_again_is_whole_in_the_end(
    source: FolderRuns, mlflow: MLflowRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time a step later: what is there already is not done again, so what is left gets less."""
    run, at = recorded(source, own), steps(monkeypatch, *of_mlflow(mlflow))
    cuts = 0
    for step in itertools.count():
        at(step)
        try:
            copy_run(run, mlflow)
            break
        except Cut:
            cuts += 1
            assert all(not each.finished for each in mlflow.search()), "what is not whole says so"
    assert cuts > 4
    assert whole(of(mlflow, run)) == whole(run)
    assert len(mlflow.store.client.search_logged_models([mlflow.store.experiment_id])) == 1


def test_a_file_that_is_there_is_not_copied_again_after_a_cut(
    source: FolderRuns, archive: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(source, own)
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "_end", lambda *_: (_ for _ in ()).throw(Cut))
        with pytest.raises(Cut):
            copy_run(run, archive)
    stored: list[str] = []
    monkeypatch.setattr(transfer, "_store", lambda _run, place, *_: stored.append(place))
    copy_run(run, archive)
    assert stored == []


def test_the_run_that_is_further_on_brings_the_other_up_to_date(
    source: FolderRuns, target: RunStore, own: Path
) -> None:
    run = recorded(source, own, 1, status="KILLED")
    copy_run(run, target)
    assert whole(of(target, run)) == whole(run)
    further = recorded(source, own, 3, run)
    assert copy_run(further, target).how == "updated"
    assert whole(of(target, run)) == whole(further)


@pytest.mark.parametrize("status", ["FINISHED", "KILLED"])
def test_the_run_that_is_further_on_is_left_alone(
    source: FolderRuns, target: RunStore, archive: FolderRuns, own: Path, tmp_path: Path, status: str
) -> None:
    earlier = Folder(path=str(tmp_path / "earlier")).open()
    begun = recorded(source, own, 1, status="KILLED")
    copy_run(begun, earlier)
    copy_run(recorded(source, own, 2, begun, status=status), target)
    before = whole(of(target, begun))
    assert copy_run(of(earlier, begun), target).how == "ahead"
    assert whole(of(target, begun)) == before


def test_tags_that_either_has_come_together(source: FolderRuns, target: RunStore, own: Path) -> None:
    run = recorded(source, own)
    copy_run(run, target)
    source.tag(run.id, {"nnexp.pinned": "yes"})
    target.tag(run.id, {"sweep.other": "yes"})
    assert copy_run(of(source, run), target).how == "updated"
    assert copy_run(of(target, run), source).how == "updated"
    for store in (source, target):
        assert {"nnexp.pinned", "sweep.other"} <= set(of(store, run).tags)
    assert copy_run(of(source, run), target).how == "there"


def test_a_run_that_was_removed_there_is_not_brought_back(source: FolderRuns, target: RunStore, own: Path) -> None:
    run = recorded(source, own)
    copy_run(run, target)
    target.remove(run.id)
    assert target.removed_ids() == {run.id}
    assert copy_run(run, target).how == "removed"
    assert target.search() == []


def test_a_run_that_is_being_trained_there_is_left_alone(source: FolderRuns, target: RunStore, own: Path) -> None:
    run = recorded(source, own, 1, status="KILLED")
    copy_run(run, target)
    going_on = recorded_start(target, own, of(target, run))
    target.tag(run.id, {PROCESS: process(os.getppid())})  # another than the source's
    assert of(target, run).alive
    assert copy_run(recorded(source, own, 3, run), target).how == "busy"
    going_on()


def recorded_start(store: RunStore, own: Path, run: StoredRun) -> Callable[[], None]:
    """A run that goes on at this moment; gives what ends it."""
    import contextlib

    from nnexp.data.sources.digits import Digits
    from nnexp.nn.network import Network
    from nnexp.runner.run_folder import FILES
    from nnexp.tracking.recording import Record
    from nnexp.train.events import Ended, Started

    record = Record("a name", {"eta": 3.0}, {"nnexp.key": KEY}, own, FILES, "images", contextlib.nullcontext)
    recorder = store.recorder(record, run)
    recorder(Started(Network([64, 10], rng=0), Digits().load(), 4))
    return lambda: recorder(Ended("KILLED"))


def test_a_store_is_not_copied_into_itself(source: FolderRuns, own: Path) -> None:
    with pytest.raises(UsageError, match="holds the runs already"):
        copy_run(recorded(source, own), source)


def test_a_summary_goes_along_with_its_files_and_the_newer_one_stays(source: FolderRuns, target: RunStore) -> None:
    results = Results("better", {"report.html": "a page", "figures/a.png": b"a chart"}, {"done": 2}, "its id", "so")
    source.sweep_summary(SWEEP).end("FINISHED", results, ["eta"])
    (summary,) = source.summaries()
    assert copy_run(summary, target).how == "new"
    (copy,) = target.summaries()
    assert whole(copy) == whole(summary)
    assert copy_run(summary, target).how == "there"
    target.sweep_summary(SWEEP).end("FINISHED", replace(results, counts={"done": 3}), ["eta"])
    (newer,) = target.summaries()
    assert copy_run(summary, target).how in ("there", "ahead")
    assert copy_run(newer, source).how == "updated"
    assert whole(source.summaries()[0])["metrics"] == {"jobs/done": 3.0}


def test_a_run_that_no_run_of_nnexps_could_be_is_refused(source: FolderRuns, archive: FolderRuns, own: Path) -> None:
    run = recorded(source, own)
    source.tag(run.id, {"nnexp.key": "../../somewhere"})
    with pytest.raises(UsageError, match=r"its key is '../../somewhere', expected the 64 digits"):
        copy_run(of(source, run), archive)


@pytest.mark.parametrize("path", ["../out.txt", "/out.txt", "run.json", ".nnexp", "a/../../out.txt", "a\\..\\b"])
def test_a_file_that_would_be_written_elsewhere_or_over_the_stores_own_is_left_out(path: str) -> None:
    from nnexp.tracking.contents import plain

    assert list(plain([path, "weights.npz"], transfer.OWN)) == ["weights.npz"]


def test_lines_without_a_time_get_that_of_a_run_that_never_paused(source: FolderRuns, own: Path) -> None:
    run = recorded(source, own)
    file = Path(source.files_of(run.id)) / run_files.EPOCHS
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    earlier = [json.dumps({name: value for name, value in line.items() if name != "time"}) for line in lines]
    owned_files.write(file, "\n".join(earlier))
    times = {each.step: each.time for each in source.contents(run).points if each.metric == "test_accuracy"}
    start = round(1000 * run.started)
    assert times == {0: start + 500, 1: start + 1000, 2: start + 1500}


def test_a_copy_is_found_by_the_id_that_the_run_began_with(mlflow: MLflowRuns) -> None:
    client, began = mlflow.store.client, "f" * 32
    run = client.create_run(mlflow.store.experiment_id, tags={"nnexp.id": began})
    assert run_called(mlflow, began[:8]).id == run.info.run_id
    client.delete_run(run.info.run_id)
    assert mlflow.removed_ids() == {began, run.info.run_id}


def test_a_run_in_two_stores_is_one_in_a_third_as_far_as_either_is(
    source: FolderRuns, target: RunStore, tmp_path: Path, own: Path
) -> None:
    earlier = Folder(path=str(tmp_path / "earlier")).open()
    begun = recorded(source, own, 1, status="KILLED")
    copy_run(begun, earlier)
    further = recorded(source, own, 2, begun)
    assert sync([*earlier.search(), further], target).runs == {"new": 1, "there": 0}
    assert whole(of(target, begun)) == whole(further)


def test_of_two_syncs_at_once_the_second_waits_and_finds_all_there(
    source: FolderRuns, archive: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(source, own)
    begun, over = threading.Event(), threading.Event()
    receive = archive.receive

    def slow(*arguments: Any) -> str:
        begun.set()
        assert over.wait(PATIENCE)
        return receive(*arguments)

    monkeypatch.setattr(archive, "receive", slow)
    monkeypatch.setattr(syncing, "_saying", lambda _: over.set)  # what is said by who waits
    with ThreadPoolExecutor() as threads:
        first = threads.submit(sync, source.search(), archive)
        assert begun.wait(PATIENCE)
        second = threads.submit(sync, source.search(), archive)
        assert (first.result().runs, second.result().runs) == ({"new": 1, "there": 0}, {"there": 1})


def test_what_copies_need_is_imported_before_several_threads_copy(
    source: FolderRuns, archive: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (KEY, "cd" * 32):
        recorded(source, own, key=key)
    happened: list[str] = []
    receive = archive.receive

    def receiving(*arguments: Any) -> str:
        happened.append("received")
        return receive(*arguments)

    monkeypatch.setattr(archive, "at_once", 2)
    monkeypatch.setattr(archive, "load", lambda: happened.append(f"loaded in {threading.current_thread().name}"))
    monkeypatch.setattr(archive, "receive", receiving)
    sync(source.search(), archive)
    assert happened == ["loaded in MainThread", "received", "received"]


def test_a_run_that_can_not_be_copied_does_not_stop_the_others(
    source: FolderRuns, archive: FolderRuns, own: Path
) -> None:
    odd, _ = recorded(source, own), recorded(source, own, key="cd" * 32)
    source.tag(odd.id, {"nnexp.key": "odd"})
    synced = sync(source.search(), archive)
    assert (synced.runs["new"], len(synced.failed)) == (1, 1)
    assert synced.failed[0].startswith(f"run {odd.id}: its key is 'odd'")


def failing(store: RunStore, odd: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store has no place for this run, for a reason that nobody has thought of."""
    receive = store.receive

    def fail(run: StoredRun, *more: Any) -> str:
        if run.origin == odd.id:
            raise OverflowError("int too large")
        return receive(run, *more)

    monkeypatch.setattr(store, "receive", fail)


def test_nor_does_one_that_the_target_fails_at(
    source: FolderRuns, archive: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, _ = recorded(source, own), recorded(source, own, key="cd" * 32)
    failing(archive, odd, monkeypatch)
    synced = sync(source.search(), archive)
    assert (synced.runs["new"], synced.failed) == (1, [f"run {odd.id}: OverflowError: int too large"])


def test_a_store_that_is_gone_stops_a_sync(
    source: FolderRuns, archive: FolderRuns, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = recorded(source, own)
    failing(archive, odd, monkeypatch)
    there, looked = archive.beginning, itertools.count()

    def beginning(run_id: str) -> list[StoredRun]:
        if next(looked):
            raise ConnectionError
        return there(run_id)

    monkeypatch.setattr(archive, "beginning", beginning)
    with pytest.raises(OverflowError):
        sync([odd], archive)


@pytest.mark.parametrize("figures", ["figures", "pictures"])
def test_the_text_of_a_summary_links_to_the_pages_of_the_store_that_it_is_in(
    source: FolderRuns, mlflow: MLflowRuns, archive: FolderRuns, figures: str
) -> None:
    text = f"2 jobs. [report](report.html)\n\n![curves]({figures}/curves.png)\n\n| a [table](b) |"
    source.sweep_summary(SWEEP).end("FINISHED", Results(text, {"report.html": "a page"}, {}, "", ""), ["eta"])
    copy_run(source.summaries()[0], mlflow)
    (copy,) = mlflow.summaries()
    said = copy.tags["mlflow.note.content"]
    assert said.startswith("2 jobs. [report](#/experiments/")
    assert f"/runs/{copy.id}/artifacts/report.html" in said
    assert f"![curves](get-artifact?path={figures}%2Fcurves.png&run_uuid={copy.id})" in said
    assert said.endswith("| a [table](b) |")
    assert copy_run(copy, source).how == "there"
    copy_run(copy, archive)
    assert archive.summaries()[0].tags["mlflow.note.content"] == text


@pytest.mark.parametrize("name", ["evil $(touch MADE)", r"a\b;`touch MADE`", "x' OR '1", "s/../x", "x" * 240])
def test_a_sweep_whose_name_mlflow_can_not_have_in_a_view_is_copied_without_one(
    source: FolderRuns, mlflow: MLflowRuns, own: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    run = recorded(source, own)
    source.tag(run.id, sweep_tags(name, 0, "eta=3"))
    source.sweep_summary(name).end("FINISHED", Results("text", {}, {"done": 1}, "", "a | b"), ["eta"])
    synced = sync([*source.search(), *source.summaries()], mlflow)
    assert (synced.runs["new"], synced.summaries["new"], synced.failed) == (1, 1, [])
    assert of(mlflow, run).tags[SWEEP_TAG] == name
    assert [run.tags[SUMMARY] for run in mlflow.summaries()] == [name]
    assert mlflow.members(name) == []
    assert shown_at(mlflow, name).endswith(f"/runs/{mlflow.summaries()[0].id}?workflowType=machine_learning")
    assert "MLflow's UI can't have a view of that name" in caplog.text
