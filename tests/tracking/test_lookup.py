"""Looking runs up in MLflow: by key, by the beginning of an id, all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow.entities import LoggedModelOutput
from running import give_store

from nnexp.errors import UsageError
from nnexp.tracking.lookup import run_called
from nnexp.tracking.mlflow import runs as runs_module
from nnexp.tracking.mlflow.database import database_of
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.runs import model_address, search
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.tags import KEY, key_tag

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


def keyed(store: Store, key: str, started: int, status: str | None = None) -> str:
    run = store.client.create_run(store.experiment_id, start_time=started, tags={"nnexp.key": key})
    if status:
        store.client.set_terminated(run.info.run_id, status)
    return str(run.info.run_id)


def test_a_finished_run_is_found_before_a_newer_one_that_is_not(uri: str) -> None:
    store = open_store(uri, "nnexp")
    finished = keyed(store, "first", 1000, "FINISHED")
    keyed(store, "first", 2000, "KILLED")
    found = MLflowRuns(store).find("first")
    assert found is not None
    assert found.id == finished


def test_of_unfinished_runs_the_newest_is_found(uri: str) -> None:
    store = open_store(uri, "nnexp")
    keyed(store, "second", 1000, "KILLED")
    newest = keyed(store, "second", 2000, "KILLED")
    keyed(store, "second", 1500, "KILLED")
    found = MLflowRuns(store).find("second")
    assert found is not None
    assert found.id == newest


def named(store: Store, key: str) -> str:
    """A run as it is recorded: with a tag named after its key."""
    return str(store.client.create_run(store.experiment_id, tags={KEY: key, key_tag(key): "yes"}).info.run_id)


def plans(uri: str, queries: list[tuple[str, Any]]) -> str:
    """How SQLite goes about these queries."""
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA case_sensitive_like = true")  # as MLflow has it
        rows = [row for query, values in queries for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    return "\n".join(str(row[3]) for row in rows)


@contextmanager
def queries_of(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The queries that the block asks of the store's database."""
    from sqlalchemy import event

    asked: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    engine = database_of(store.client).engine
    event.listen(engine, "before_cursor_execute", hear)
    yield asked
    event.remove(engine, "before_cursor_execute", hear)


def test_many_keys_are_looked_up_by_indexes_in_a_fixed_number_of_queries(tmp_path: Path) -> None:
    uri = f"sqlite:///{give_store(tmp_path)}/mlflow.db"
    store = open_store(uri, "nnexp")
    runs = {f"key {number}": named(store, f"key {number}") for number in range(20)}
    with queries_of(store) as asked:
        found = MLflowRuns(store).find_all([*runs, "another"])
    assert {key: run.id for key, run in found.items()} == runs
    assert len(asked) == 8  # the runs' ids, two counts, and the rows of each of five tables
    assert "SCAN" not in plans(uri, asked)


@pytest.mark.parametrize("absent", ["", "of another run"])
def test_a_run_from_before_its_key_was_the_name_of_a_tag_is_found(uri: str, absent: str) -> None:
    store = open_store(uri, "nnexp")
    named(store, "with its tag")
    before = keyed(store, f"before {absent}", 1000, "FINISHED")
    found = MLflowRuns(store).find_all([f"before {absent}", "with its tag", *([absent] if absent else [])])
    assert found[f"before {absent}"].id == before
    assert len(found) == 2


@pytest.mark.parametrize(
    ("key_is_a_tag", "asked"), [(True, "tags.`nnexp.key.third` = 'yes'"), (False, "tags.`nnexp.key` = 'third'")]
)
def test_a_server_is_asked_once_for_a_key(
    uri: str, monkeypatch: pytest.MonkeyPatch, key_is_a_tag: bool, asked: str
) -> None:
    monkeypatch.setattr(runs_module, "database_of", lambda _: None)
    store = replace(open_store(uri, "nnexp"), keyed=key_is_a_tag)
    with searches(store, monkeypatch) as conditions:
        assert MLflowRuns(store).find("third") is None
    assert conditions == [asked]
    third = named(store, "third")
    found = MLflowRuns(store).find_all(["third", "fourth"])
    assert {key: run.id for key, run in found.items()} == {"third": third}
    store.client.delete_run(third)


@pytest.mark.parametrize("written", ["%", "_", "", "' OR attributes.run_id LIKE '%", "{0:.8}%", "{0:.8}' OR '1"])
def test_what_is_no_id_finds_no_run(uri: str, written: str) -> None:
    runs = MLflowRuns(open_store(uri, "nnexp"))
    there = named(runs.store, "sixth")
    runs.store.client.delete_run(gone := named(runs.store, "seventh"))
    assert [run.id for run in runs.beginning(there[:8])] == [there]
    assert runs.beginning(written.format(there)) == []
    assert runs.removed(written.format(gone)) == ""
    runs.store.client.delete_run(there)


@contextmanager
def searches(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The conditions that the client searches for in the block."""
    asked, real = list[str](), store.client.search_runs

    def search_runs(experiments: list[str], filter_string: str = "", *more: Any, **named: Any) -> Any:
        asked.append(filter_string)
        return real(experiments, filter_string, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(store.client, "search_runs", search_runs)
        yield asked


def test_an_experiment_that_is_made_now_says_that_its_runs_have_such_tags(uri: str) -> None:
    assert open_store(uri, "made now").keyed
    client = open_store(uri, "nnexp").client
    client.create_experiment("made before")
    assert not open_store(uri, "made before").keyed


def test_a_run_is_found_by_the_beginning_of_its_id_without_reading_the_others(uri: str) -> None:
    store = open_store(uri, "nnexp")
    run_id = store.client.create_run(store.experiment_id).info.run_id
    with queries_of(store) as asked:
        assert run_called(MLflowRuns(store), run_id[:20]).id == run_id
    assert "SCAN" not in plans(uri, asked)


def test_a_server_is_asked_for_the_beginning_of_an_id(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "database_of", lambda _: None)
    store = open_store(uri, "nnexp")
    run_id = store.client.create_run(store.experiment_id).info.run_id
    with searches(store, monkeypatch) as asked:
        assert run_called(MLflowRuns(store), run_id[:20]).id == run_id
    assert asked == [f"attributes.run_id LIKE '{run_id[:20]}%'"]


@pytest.mark.parametrize("word", ["", "%", "_", "d8396f9e' OR ", "../x"])
def test_what_can_be_no_id_is_no_runs(uri: str, word: str) -> None:
    with pytest.raises(UsageError, match="expected the id of one run"):
        run_called(MLflowRuns(open_store(uri, "nnexp")), word)


@pytest.fixture
def crowded(uri: str) -> Store:
    """Seventeen runs, of which two ids begin alike."""
    store = open_store(uri, "crowded")
    if not store.client.search_runs([store.experiment_id]):
        for number in range(17):
            keyed(store, str(number), number + 1)
    return store


@pytest.mark.parametrize("by_client", [False, True])
def test_all_runs_are_listed_however_many_pages_they_take(
    crowded: Store, monkeypatch: pytest.MonkeyPatch, by_client: bool
) -> None:
    monkeypatch.setattr(runs_module, "PAGE", 5)
    if by_client:
        monkeypatch.setattr(runs_module, "database_of", lambda _: None)
    assert len({run.info.run_id for run in search(crowded)}) == 17
    newest = search(crowded, most=7)
    assert [run.info.start_time for run in newest] == list(range(17, 10, -1))


def test_the_beginning_of_two_ids_is_no_ones(crowded: Store) -> None:
    firsts = [run.info.run_id[0] for run in search(crowded)]
    with pytest.raises(UsageError, match="expected the id of one run"):
        run_called(MLflowRuns(crowded), max(firsts, key=firsts.count))


@pytest.fixture
def measured(tmp_path: Path) -> MLflowRuns:
    """Five runs, the newest with the lowest accuracy, and one that has none."""
    store = open_store(f"sqlite:///{give_store(tmp_path)}/mlflow.db", "nnexp")
    for number in range(5):
        run_id = keyed(store, str(number), 1000 + number)
        store.client.log_metric(run_id, "accuracy", 1 - number / 10)
        store.client.log_param(run_id, "eta", number)
    keyed(store, "without", 2000)
    return MLflowRuns(store)


@pytest.mark.parametrize(
    ("column", "expected"), [("started", ["without", "4"]), ("accuracy", ["0", "1"]), ("eta", None), ("`", None)]
)
def test_the_highest_of_a_metric_or_of_starts_are_read_alone(
    measured: MLflowRuns, column: str, expected: list[str] | None
) -> None:
    highest = measured.highest(column, 2)
    assert (None if highest is None else [run.tags[KEY] for run in highest]) == expected


def test_the_highest_are_of_those_that_meet_a_condition(measured: MLflowRuns) -> None:
    highest = measured.highest("accuracy", 1, "params.eta = '3'")
    assert highest
    assert [run.tags[KEY] for run in highest] == ["3"]


def test_the_runs_with_a_status_are_asked_for_with_it(measured: MLflowRuns) -> None:
    (run,) = measured.search("params.eta = '3'")
    measured.set_status(run.id, "KILLED")
    assert [each.id for each in measured.search(status="KILLED")] == [run.id]
    assert measured.search("params.eta = '2'", "KILLED") == []


def test_a_model_is_fetched_by_its_own_id_for_by_its_runs_all_models_are_read(measured: MLflowRuns) -> None:
    client, (run, other, *_) = measured.store.client, measured.search()
    client.log_outputs(run.id, [LoggedModelOutput("m-1", 3)])
    assert model_address(measured.store, run.id) == "models:/m-1"
    assert model_address(measured.store, other.id) == f"runs:/{other.id}/model"  # of an MLflow before there were such
