"""A run is trained by one process at a time."""

from __future__ import annotations

import logging
import queue
import threading
from pathlib import Path

import pytest
from running import PATIENCE, give_store

from nnexp.runner import resume
from nnexp.runner.resume import alone
from nnexp.tracking.contract import RunStore
from nnexp.tracking.stores.mlflow import MLflow

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return MLflow(uri=f"sqlite:///{give_store(tmp_path)}/mlflow.db").open()


def test_one_run_is_trained_by_one_process_at_a_time(store: RunStore) -> None:
    said: queue.Queue[str] = queue.Queue()

    def second() -> None:
        with alone(store, "a key"):
            said.put("in")

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.put(record.getMessage())

    told, thread = Told(), threading.Thread(target=second)
    resume.log.addHandler(told)
    resume.log.setLevel(logging.INFO)
    try:
        with alone(store, "a key"):
            thread.start()
            assert said.get(timeout=PATIENCE) == "another process is training this very run: waiting for it"
        assert said.get(timeout=PATIENCE) == "in"
    finally:
        resume.log.removeHandler(told)
        resume.log.setLevel(logging.NOTSET)
        thread.join()


def test_another_run_of_the_experiment_is_not_waited_for(store: RunStore) -> None:
    entered = threading.Event()

    def second() -> None:
        with alone(store, "another key"):
            entered.set()

    thread = threading.Thread(target=second)
    with alone(store, "a key"):
        thread.start()
        assert entered.wait(PATIENCE)
    thread.join()
