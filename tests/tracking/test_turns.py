"""Several processes that change one store at once: none fails, and nothing is there twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from running import PATIENCE, give_store

from nnexp.data.sources.digits import Digits
from nnexp.errors import TrackingError
from nnexp.tracking.dataset_facts import facts_of
from nnexp.tracking.mlflow import turns
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.mlflow.turns import in_turn
from nnexp.tracking.mlflow.ui import experiment_note
from nnexp.tracking.tags import NOTE, SUMMARY

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{give_store(tmp_path)}/mlflow.db", "nnexp")


def from_another_machine(store: Store) -> Store:
    """The same store as one that shares it sees it: no lock of ours keeps it out."""
    from mlflow import MlflowClient

    return Store("http://127.0.0.1:9", MlflowClient(store.uri), store.experiment_id)


@contextmanager
def just_before_the_first_write(other: Callable[[], Any]) -> Iterator[None]:
    """Have another do its work when MLflow has looked whether something is there, and is about to make it."""
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    left, thread = [other], threading.get_ident()

    def before_flush(*_: Any) -> None:
        if left and threading.get_ident() == thread:  # and of no thread that an earlier test has left
            left.pop()()

    event.listen(Session, "before_flush", before_flush)
    try:
        yield
    finally:
        event.remove(Session, "before_flush", before_flush)
    assert not left, "nothing was written"


def test_one_data_set_that_two_runs_log_at_once_is_there_once_and_is_both_runs(store: Store, tmp_path: Path) -> None:
    from nnexp.tracking.mlflow.rows import dataset_input

    here, there = store, from_another_machine(store)
    runs = [each.client.create_run(store.experiment_id).info.run_id for each in (here, there)]
    dataset = dataset_input(facts_of(Digits().load()))

    def log(side: Store, run_id: str) -> None:
        side.in_turn(lambda: side.client.log_inputs(run_id, [dataset]))

    with just_before_the_first_write(lambda: log(there, runs[1])):
        log(here, runs[0])
    found = [here.client.get_run(run_id).inputs.dataset_inputs for run_id in runs]
    assert [[each.dataset.digest for each in inputs] for inputs in found] == [[dataset.dataset.digest]] * 2


def test_an_experiment_that_two_open_first_at_once_is_one(store: Store) -> None:
    others: list[str] = []
    client = from_another_machine(store).client
    with just_before_the_first_write(lambda: others.append(client.create_experiment("new"))):
        opened = open_store(store.uri, "new")
    assert [opened.experiment_id] == others


def test_a_page_that_two_sweeps_renew_at_once_is_written(store: Store) -> None:

    there = from_another_machine(store)
    with just_before_the_first_write(lambda: experiment_note.update(there)):
        experiment_note.update(store)
    assert NOTE in store.client.get_experiment(store.experiment_id).tags


def test_a_sweep_that_two_machines_begin_at_once_has_one_summary(store: Store) -> None:
    from nnexp.tracking.mlflow.sweep_summary import MLflowSweepSummary

    there, others = from_another_machine(store), list[str]()
    with just_before_the_first_write(lambda: others.append(MLflowSweepSummary(there, "same").id)):
        here = MLflowSweepSummary(store, "same")
    (found,) = store.client.search_runs([store.experiment_id], f"tags.`{SUMMARY}` = 'same'")
    assert here.id == others[0] == found.info.run_id


def test_a_sweep_of_which_two_summaries_are_left_is_told_of_once(store: Store) -> None:
    from nnexp.tracking.mlflow.runs import summaries

    for start in (1000, 2000):
        newest = store.client.create_run(store.experiment_id, start_time=start, tags={SUMMARY: "same"}).info.run_id
    assert [run.info.run_id for run in summaries(store)] == [newest]


def test_what_fails_for_another_reason_is_not_done_again(store: Store) -> None:
    tried: list[int] = []

    def step() -> None:
        tried.append(1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.in_turn(step)
    assert len(tried) == 1


def test_what_clashes_for_ever_is_given_up_with_its_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSES", (0.0, 0.0))
    tried: list[int] = []

    def step() -> None:
        tried.append(1)
        raise ValueError("(sqlite3.IntegrityError) UNIQUE constraint failed")

    with pytest.raises(ValueError, match="UNIQUE"):
        store.in_turn(step)
    assert len(tried) == 3


def test_a_store_is_changed_by_one_process_of_a_machine_at_a_time(tmp_path: Path) -> None:
    uri, order, inside = f"sqlite:///{tmp_path}/mlflow.db", list[str](), threading.Event()
    second = threading.Thread(target=lambda: in_turn(uri, lambda: order.append("second")))

    def first() -> None:
        second.start()
        assert not inside.wait(0.2)
        order.append("first")

    in_turn(uri, first)
    second.join(PATIENCE)
    assert order == ["first", "second"]


def test_who_never_gets_a_turn_is_told_what_holds_it_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.1)
    uri = f"sqlite:///{tmp_path}/mlflow.db"

    def second() -> None:
        with pytest.raises(TrackingError, match="another process has been at work on this store"):
            in_turn(uri, lambda: None)

    in_turn(uri, second)
