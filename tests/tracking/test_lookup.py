"""Looking runs up in MLflow: by key, by the beginning of an id, all of them."""

from __future__ import annotations

from typing import Any

import pytest

from nnexp.errors import UsageError
from nnexp.tracking.lookup import run_called
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.runs import find, search
from nnexp.tracking.mlflow.store import Store, open_store

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
    found = find(store, "first")
    assert found is not None
    assert found.info.run_id == finished


def test_of_unfinished_runs_the_newest_is_found(uri: str) -> None:
    store = open_store(uri, "nnexp")
    keyed(store, "second", 1000, "KILLED")
    newest = keyed(store, "second", 2000, "KILLED")
    keyed(store, "second", 1500, "KILLED")
    found = find(store, "second")
    assert found is not None
    assert found.info.run_id == newest


def test_a_key_is_looked_up_in_one_search_that_names_it(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
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
    store, asked = open_store(uri, "nnexp"), list[str]()
    run_id = store.client.create_run(store.experiment_id).info.run_id
    real = store.client.search_runs

    def search_runs(experiments: list[str], filter_string: str = "", *more: Any, **named: Any) -> Any:
        asked.append(filter_string)
        return real(experiments, filter_string, *more, **named)

    monkeypatch.setattr(store.client, "search_runs", search_runs)
    assert run_called(MLflowRuns(store), run_id[:20]).id == run_id
    assert asked == [f"attributes.run_id LIKE '{run_id[:20]}%'"]


@pytest.mark.parametrize("word", ["", "%", "_", "d8396f9e' OR ", "../x"])
def test_what_can_be_no_id_is_no_runs(uri: str, word: str) -> None:
    with pytest.raises(UsageError, match="expected the id of one run"):
        run_called(MLflowRuns(open_store(uri, "nnexp")), word)


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
    assert len({run.info.run_id for run in search(crowded)}) == 17


def test_the_beginning_of_two_ids_is_no_ones(crowded: Store) -> None:
    firsts = [run.info.run_id[0] for run in search(crowded)]
    with pytest.raises(UsageError, match="expected the id of one run"):
        run_called(MLflowRuns(crowded), max(firsts, key=firsts.count))
