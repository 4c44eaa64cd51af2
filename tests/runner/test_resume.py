"""What a start goes by when its run is there already, and that one process at a time trains it."""

from __future__ import annotations

import logging
import os
import queue
import threading
from pathlib import Path

import pytest
from commands import client_of
from running import PATIENCE, give_store

from nnexp.errors import ConfigError
from nnexp.runner import resume
from nnexp.runner.resume import alone
from nnexp.runtime.heartbeat import HOST, PROCESS, process, this_process
from nnexp.tracking.run_store import RunStore
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


def test_a_run_that_is_alive_on_another_machine_is_waited_for(store: RunStore, tmp_path: Path) -> None:
    client = client_of(tmp_path)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    tags = this_process() | {HOST: "elsewhere", "nnexp.key": "its key"}
    run_id = client.create_run(experiment, tags=tags).info.run_id
    looked: list[float] = []

    def sleep(seconds: float) -> None:
        looked.append(seconds)
        if len(looked) == 3:
            client.set_terminated(run_id, "FINISHED")

    found = resume.earlier(store, "its key", "auto", sleep)
    assert len(looked) == 3
    assert found is not None
    assert (found.id, found.finished) == (run_id, True)


def test_a_run_that_is_alive_in_another_process_of_this_machine_is_waited_for(store: RunStore, tmp_path: Path) -> None:
    client = client_of(tmp_path)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    tags = this_process() | {PROCESS: process(os.getppid()), "nnexp.key": "its key"}
    run_id = client.create_run(experiment, tags=tags).info.run_id
    found = resume.earlier(store, "its key", "auto", lambda _: client.set_terminated(run_id, "FINISHED"))
    assert found is not None
    assert found.finished


def test_a_run_that_this_process_left_running_is_not_waited_for(store: RunStore, tmp_path: Path) -> None:
    client = client_of(tmp_path)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    run_id = client.create_run(experiment, tags=this_process() | {"nnexp.key": "its key"}).info.run_id
    found = resume.earlier(store, "its key", "auto", lambda _: pytest.fail("it waits for itself"))
    assert found is not None
    assert found.id == run_id


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_that_is_there_is_what_a_start_goes_by_unless_it_never_is_to(
    store: RunStore, tmp_path: Path, status: str
) -> None:
    client = client_of(tmp_path)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    run_id = client.create_run(experiment, tags={"nnexp.key": "its key"}).info.run_id
    client.set_terminated(run_id, status)
    found = resume.earlier(store, "its key", "auto")
    assert found is not None
    assert found.id == run_id
    assert resume.earlier(store, "its key", "never") is None


def test_without_a_run_a_start_is_new_and_one_that_requires_it_an_error(store: RunStore) -> None:
    assert resume.earlier(store, "its key", "auto") is None
    with pytest.raises(ConfigError, match=r"resume: got 'require', but sqlite:///.* has no run with these settings"):
        resume.earlier(store, "its key", "require")
