"""Whole runs copied to a server and back over HTTP: it chooses ids, and a run is found by the one it began with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import client_of, nnexp
from copies import SWEEP, of, recorded, whole
from mlflow_servers import mlflow_server
from running import give_store, run_nnexp

from nnexp.tracking.copying import copy_run
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.lookup import run_called
from nnexp.tracking.mlflow import histories
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.store import open_store
from nnexp.tracking.recording import Results
from nnexp.tracking.stored_weights import departures, epochs_of
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.syncing import sync

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = give_store(tmp_path_factory.mktemp("server"))
    client_of(folder)  # imports MLflow without its warnings
    with mlflow_server(folder) as address:
        yield address


@pytest.fixture
def server(address: str, request: pytest.FixtureRequest) -> MLflowRuns:
    return MLflow(uri=address, experiment=request.node.name).itself()


@pytest.fixture
def source(tmp_path: Path) -> FolderRuns:
    return Folder(path=str(tmp_path / "source")).open()


def test_all_of_a_run_comes_back_from_a_server(source: FolderRuns, server: MLflowRuns, tmp_path: Path) -> None:
    run, back = recorded(source, tmp_path / "own"), Folder(path=str(tmp_path / "back")).open()
    assert copy_run(run, server).how == "new"
    copy = of(server, run)
    assert whole(copy) == whole(run)
    assert copy.id != run.id
    assert list(departures(copy, epochs_of(copy))) == []
    copy_run(copy, back)
    assert whole(of(back, run)) == whole(run)
    assert of(back, run).id == run.id


def test_a_copy_is_found_by_either_id_and_once(source: FolderRuns, server: MLflowRuns, tmp_path: Path) -> None:
    run = recorded(source, tmp_path / "own")
    copied = copy_run(run, server)
    assert copy_run(run, server).how == "there"
    assert run_called(server, run.id[:10]).id == run_called(server, copied.run_id[:10]).id == copied.run_id


def test_an_unfinished_copy_on_a_server_is_brought_up_to_date(
    source: FolderRuns, server: MLflowRuns, tmp_path: Path
) -> None:
    run = recorded(source, tmp_path / "own", 1, status="KILLED")
    copy_run(run, server)
    further = recorded(source, tmp_path / "own", 3, run)
    assert copy_run(further, server).how == "updated"
    assert whole(of(server, run)) == whole(further)


def test_many_runs_are_told_from_those_that_are_there_by_few_requests(
    source: FolderRuns, server: MLflowRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        recorded(source, tmp_path / "own", 1, key=f"{number:064x}")
    assert sync(source.search(), server, source="a source").runs["new"] == 6
    searches: list[object] = []
    monkeypatch.setattr(type(server.store.client), "search_runs", lambda *asked, **_: searches.append(asked))
    assert sync(source.search(), server, source="a source").runs == {"there": 6}
    assert searches == []


def test_a_summary_goes_to_a_server(source: FolderRuns, server: MLflowRuns) -> None:
    source.sweep_summary(SWEEP).end(
        "FINISHED", Results("better", {"table.md": "| a |"}, {"done": 2}, "", "so"), ["eta"]
    )
    assert sync(source.summaries(), server).summaries["new"] == 1
    assert whole(server.summaries()[0]) == whole(source.summaries()[0])


def test_a_run_that_was_trained_is_verified_and_compared_where_it_was_copied_to(address: str, tmp_path: Path) -> None:
    run = run_nnexp(tmp_path, "experiments=quick", "pictures=false", "epochs=1", "tracking=folder")
    assert run.returncode == 0, run.stderr
    assert nnexp(tmp_path, "sync", "--to", address).stdout.startswith("1 run new")
    (copied,) = Folder(path=str(tmp_path / "outputs/runs")).open().search()
    done = nnexp(tmp_path, "verify", copied.id, "--uri", address)
    assert (done.returncode, done.stdout.startswith("identical: 2 epochs")) == (0, True), done.stderr
    assert nnexp(tmp_path, "compare", copied.id, "--uri", address).returncode == 0


def test_curves_of_many_runs_are_a_request_for_each_metric(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

    store = open_store(address, "curves")
    ids = [store.client.create_run(store.experiment_id).info.run_id for _ in range(2)]
    points = [("a", 0.3, 2), ("a", 0.2, 1), ("a", float("nan"), 3), ("b", 0.5, 1)]
    for run_id in ids:
        store.client.log_batch(run_id, metrics=[Metric(name, value, step, step) for name, value, step in points])
    expected = {"a": {run_id: {1: 0.2, 2: 0.3} for run_id in ids}, "b": {run_id: {1: 0.5} for run_id in ids}}
    monkeypatch.setattr(histories, "MOST_POINTS", 3)  # that of `a` are more, and are asked for one by one
    asked: list[str] = []
    one_by_one = MlflowClient.get_metric_history

    def counted(client: MlflowClient, run_id: str, name: str) -> object:
        asked.append(name)
        return one_by_one(client, run_id, name)

    monkeypatch.setattr(MlflowClient, "get_metric_history", counted)
    assert histories.histories(store, ids, ["a", "b"]) == expected
    assert asked == ["a", "a"]
