"""Rows written straight into SQLite, and read from a database: the same as MLflow's client writes and reads."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
from mlflow.exceptions import MlflowException
from running import give_store

from nnexp.tracking.mlflow.database import database_of, matching, runs_with
from nnexp.tracking.mlflow.rows import Batch, ClientRows
from nnexp.tracking.mlflow.sqlite_rows import SQLiteRows, rows_of
from nnexp.tracking.mlflow.store import Store, open_store

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]

DATA = DatasetInput(Dataset("digits", "abc", "nnexp", "{}", profile="{}"), [InputTag("mlflow.data.context", "train")])
BATCHES = [
    Batch([Param("eta", "3.0"), Param("long", "x" * 6000)], dataset=DATA),
    Batch(metrics=[Metric("accuracy", 0.5, 1000, 0), Metric("cost", nan, 1000, 0), Metric("norm", inf, 1000, 0)]),
    Batch(metrics=[Metric("accuracy", 0.9, 3000, 2), Metric("accuracy", 0.7, 2000, 1)], tags={"a": "1", "b": "2"}),
    Batch(metrics=[Metric("accuracy", 0.7, 2000, 1)], tags={"a": "x" * 9000}),  # again, and one that is cut
    Batch(gone=("b",), status="RUNNING"),
    Batch([Param("seed", "1")], [Metric("cost", 0.25, 4000, 3)], {"c": "3"}, DATA, "KILLED"),
]


@pytest.fixture(scope="module")
def store(uri: str) -> Store:
    return open_store(uri, "nnexp")


def written(store: Store, rows: Any, name: str) -> dict[str, Any]:
    """All that the client has of a run that these rows are written for, but for what is its own."""
    run_id = rows.create(name, {"mlflow.user": "ann", "nnexp.key": "k"}).info.run_id
    for batch in BATCHES:
        rows.write(run_id, batch)
    run = store.client.get_run(run_id)
    points = {
        key: [(p.step, p.timestamp, repr(p.value)) for p in store.client.get_metric_history(run_id, key)]
        for key in ("accuracy", "cost", "norm")
    }
    last = {key: repr(value) for key, value in run.data.metrics.items()}
    inputs = [(dict(each.dataset), [dict(tag) for tag in each.tags]) for each in run.inputs.dataset_inputs]
    info = dict(run.info) | dict.fromkeys(("run_id", "run_uuid", "start_time", "end_time"))
    info["artifact_uri"] = run.info.artifact_uri.replace(run_id, "ID")
    assert run.info.end_time >= run.info.start_time
    return {"info": info, "tags": run.data.tags, "params": run.data.params, "last": last} | {
        "points": points,
        "inputs": inputs,
    }


def test_what_is_written_straight_is_what_the_client_writes(store: Store) -> None:
    straight = rows_of(store)
    assert isinstance(straight, SQLiteRows)
    assert written(store, straight, "a name") == written(store, ClientRows(store), "a name")


def test_a_batch_is_written_whole_or_not_at_all(store: Store) -> None:
    rows = rows_of(store)
    run_id = rows.create("torn", {}).info.run_id
    data = replace_digest(DATA, None)  # which the database refuses, after metrics and tags were taken
    with pytest.raises(MlflowException, match="NOT NULL"):
        rows.write(run_id, Batch(metrics=[Metric("accuracy", 0.5, 1000, 0)], tags={"a": "1"}, dataset=data))
    run = store.client.get_run(run_id)
    assert run.data.metrics == {}
    assert "a" not in run.data.tags


def replace_digest(used: DatasetInput, digest: Any) -> DatasetInput:
    return DatasetInput(Dataset("digits", digest, "nnexp", "{}"), used.tags)


def test_a_run_that_was_deleted_meanwhile_is_refused_in_mlflows_words(store: Store) -> None:
    rows = rows_of(store)
    run_id = rows.create("deleted", {}).info.run_id
    store.client.delete_run(run_id)
    with pytest.raises(MlflowException, match="must be in the 'active' state"):
        rows.write(run_id, Batch(tags={"a": "1"}))


def test_no_run_is_made_in_an_experiment_that_was_deleted_meanwhile(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{give_store(tmp_path)}/mlflow.db", "nnexp")
    store.client.delete_experiment(store.experiment_id)
    with pytest.raises(MlflowException, match="must be in the 'active' state"):
        rows_of(store).create("a name", {})


def test_another_version_of_mlflow_is_written_and_read_by_its_client(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnexp.tracking.mlflow.database.SEEN_IN", ("2.",))
    assert isinstance(rows_of(store), ClientRows)
    assert database_of(store.client) is None


ORDERS = [[], ["metrics.accuracy DESC"], ["params.eta", "attributes.run_name DESC"], ["tags.group"]]
CONDITIONS = [
    "",
    "metrics.accuracy > 0.4",
    "params.eta = '1' and tags.group LIKE 'a%'",
    "attributes.status = 'FINISHED'",
    "dataset.name = 'digits'",
    "tags.group IS NULL",
]


@pytest.fixture(scope="module")
def mixed(uri: str) -> Store:
    """Some runs of all sorts."""
    store = replace(open_store(uri, "mixed"))
    rows = ClientRows(store)
    for number in range(8):
        run_id = rows.create(f"run {number}", {"group": "ab"[number % 2]} if number % 3 else {}).info.run_id
        metrics = [Metric("accuracy", nan if number == 4 else number / 10, 1000, 0)] if number != 6 else []
        status = "FINISHED" if number % 2 else ""
        rows.write(run_id, Batch([Param("eta", str(number % 3))], metrics, {}, DATA if number < 5 else None, status))
    return store


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_database_gives_the_runs_that_the_client_finds_in_its_order(
    mixed: Store, condition: str, order: list[str]
) -> None:
    by_client = mixed.client.search_runs([mixed.experiment_id], condition, order_by=order, max_results=4)
    expected = [run.info.run_id for run in by_client]
    found = matching(database_of(mixed.client), mixed.experiment_id, condition, order, 4)
    assert [run.info.run_id for run in found] == expected
    assert expected


def test_runs_read_from_the_database_are_those_that_the_client_reads(mixed: Store) -> None:
    by_client = list(mixed.client.search_runs([mixed.experiment_id]))
    read = runs_with(database_of(mixed.client), [run.info.run_id for run in by_client])
    for one, other in zip(read, by_client, strict=True):
        assert dict(one.info) == dict(other.info)
        assert (one.data.tags, one.data.params) == (other.data.tags, other.data.params)
        known = {name: value for name, value in other.data.metrics.items() if not isnan(value)}
        assert {name: value for name, value in one.data.metrics.items() if not isnan(value)} == known
        assert one.data.metrics.keys() == other.data.metrics.keys()
        data = [dict(each.dataset) for each in one.inputs.dataset_inputs]
        assert data == [dict(each.dataset) for each in other.inputs.dataset_inputs]
