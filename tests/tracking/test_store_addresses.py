"""Addresses without a store, and runs that are not done: what happened and what to do, in two lines, at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from commands import Done, client_of, nnexp
from processes import free_port
from running import environment, give_store, run_nnexp

from nnexp.errors import NoAnswer, TrackingError
from nnexp.runtime.heartbeat import HOST, PROCESS, this_process
from nnexp.tracking.mlflow import reachable
from nnexp.tracking.mlflow.reachable import check_answers

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RUN = "d8396f9e"
COMMANDS = {
    "runs": ["runs"],
    "clean": ["clean"],
    "compare": ["compare"],
    "rerun": ["rerun", RUN],
    "verify": ["verify", RUN],
    "predict": ["predict", RUN, "image.npz"],
    "serve": ["serve", RUN],
    "ui": ["ui", "--no-open"],
}
commands = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)


def assert_says(done: Done, *lines: str) -> None:
    """It ends with 2, and says this and nothing else: what happened, what to do."""
    assert done.returncode == 2
    assert tuple(done.stderr.splitlines()) == lines


@contextmanager
def answering(status: int, body: bytes, of: int = 0) -> Iterator[str]:
    """The address of a program that gives every question this answer. of: the bytes that it promises, if more."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(of or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as program:
        thread = threading.Thread(target=program.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{program.server_port}"
        finally:
            program.shutdown()
            thread.join()


@commands
def test_in_a_folder_without_a_store_every_command_says_where_to_start_it(tmp_path: Path, words: list[str]) -> None:
    done = nnexp(tmp_path, *words)
    advice = "start it in the folder where you trained, or say which store: --uri, or MLFLOW_TRACKING_URI"
    assert_says(done, f"{tmp_path}: there is no mlflow.db, so no runs", advice)
    assert list(tmp_path.iterdir()) == []


@commands
def test_where_another_program_answers_every_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with answering(200, b"<html>hello</html>") as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        done = nnexp(tmp_path, *words)
    advice = "give another address by --uri, tracking.uri or MLFLOW_TRACKING_URI"
    assert_says(done, f"{address}: another program answers there, not an MLflow server", advice)


@commands
def test_where_nothing_answers_every_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    advice = "start it, or give another address by --uri, tracking.uri or MLFLOW_TRACKING_URI"
    done = nnexp(tmp_path, *words)
    assert_says(done, f"{address}: no MLflow server answers there (Connection refused)", advice)


@pytest.mark.slow
def test_a_run_is_not_begun_where_another_program_answers(tmp_path: Path) -> None:
    with answering(404, b"not found") as address:
        done = run_nnexp(tmp_path, "experiments=quick", f"tracking.uri={address}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{address}: another program answers there, not an MLflow server\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_refuses_access_is_told_with_where_a_password_belongs(status: int) -> None:
    with answering(status, b"You are not authenticated") as address, pytest.raises(TrackingError) as caught:
        check_answers(address, "nnexp")
    assert str(caught.value).startswith(f"{address}: the server refuses access ({status})\nput a name and password")
    assert "MLFLOW_TRACKING_USERNAME" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b'{"experiment": {}}'), (404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}'), (503, b"<html>in a moment")],
)
def test_an_mlflow_server_is_let_through(status: int, body: bytes) -> None:
    with answering(status, body) as address:
        check_answers(address, "nnexp")


OPENING = """
import sys
from nnexp.tracking.mlflow.opening import opened_at
opened_at(sys.argv[1], "nnexp")
print("mlflow.genai" in sys.modules, "pandas.core" in sys.modules)
"""


@pytest.mark.slow
def test_a_server_is_opened_without_all_of_mlflow() -> None:
    body = b'{"experiment": {"experiment_id": "1", "name": "nnexp", "lifecycle_stage": "active"}}'
    with answering(200, body) as address:
        command = [sys.executable, "-c", OPENING, address]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_server_that_dies_in_the_middle_of_its_answer_has_given_none() -> None:
    with answering(200, b'{"experiment', of=1000) as address, pytest.raises(NoAnswer, match="no MLflow server answers"):
        check_answers(address, "nnexp")


def test_a_program_that_accepts_and_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(reachable, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TrackingError, match="not within 0 seconds"):
        check_answers(f"http://127.0.0.1:{silent.getsockname()[1]}", "nnexp")


@contextmanager
def dripping() -> Iterator[str]:
    """The address of a program that goes on answering, a byte at a time, until the block ends."""
    over = threading.Event()

    class Drip(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                while not over.wait(0.01):
                    self.wfile.write(b" ")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Drip) as program:
        thread = threading.Thread(target=program.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{program.server_port}"
        finally:
            over.set()
            program.shutdown()
            thread.join()


def test_a_program_whose_answer_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "SECONDS", 0.2)
    with dripping() as address, pytest.raises(NoAnswer, match="not within 0 seconds"):
        check_answers(address, "nnexp")


def test_a_database_that_is_not_there_is_not_asked_again_and_again() -> None:
    port = free_port()
    with pytest.raises(TrackingError) as caught:
        check_answers(f"postgresql://ann:s3cret@127.0.0.1:{port}/runs", "nnexp")
    first, second = str(caught.value).splitlines()
    assert first == f"postgresql://***@127.0.0.1:{port}/runs: no database opens there (Connection refused)"
    assert second.startswith("start it, or give another address")


@pytest.mark.slow
def test_a_store_that_breaks_while_it_is_read_is_told_without_mlflows_own_words(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    run_nnexp(give_store(tmp_path), "data=digits", "sizes=[64,5,10]", "epochs=1", "pictures=false")
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as store:
        store.execute("DROP TABLE latest_metrics")
        store.commit()
    reason = "((sqlite3.OperationalError) no such table: latest_metrics)"
    assert_says(
        nnexp(tmp_path, "runs"),
        f"the MLflow store can't do what it is asked {reason}",
        "see whether it is there and whole",
    )


# Runs that are not done.


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which a run of this process has begun."""
    folder = give_store(tmp_path_factory.mktemp("begun"))
    client = client_of(folder)
    experiment = client.create_experiment("nnexp")
    client.create_run(
        experiment, tags=this_process() | {"nnexp.key": "k", "nnexp.command": "python -m nnexp.run eta=1"}
    )
    return folder


ASKING = {"verify": "epochs.json", "predict": "epochs.json", "serve": "model"}


@pytest.mark.parametrize("command", ASKING)
def test_a_run_that_is_being_trained_is_to_be_waited_for(begun: Path, command: str) -> None:
    (run,) = all_runs(begun)
    done = nnexp(begun, command, run, *(["image.npz"] if command == "predict" else []))
    happened = f"run {run}: is being trained, and has no {ASKING[command]} yet"
    assert_says(done, happened, "wait until it has ended; `nnexp runs` shows its state")


@pytest.mark.parametrize("command", ASKING)
def test_a_run_whose_process_is_gone_can_be_gone_on_with(begun: Path, command: str) -> None:
    (run,) = all_runs(begun)
    client = client_of(begun)
    client.set_tag(run, PROCESS, "99999999 1")
    try:
        done = nnexp(begun, command, run, *(["image.npz"] if command == "predict" else []))
    finally:
        for name in (HOST, PROCESS):
            client.set_tag(run, name, this_process()[name])
    happened = f"run {run}: its process is gone, and has left no {ASKING[command]}"
    assert_says(done, happened, "go on with it: python -m nnexp.run eta=1")


def all_runs(folder: Path) -> list[str]:
    client = client_of(folder)
    return [run.info.run_id for run in client.search_runs([client.get_experiment_by_name("nnexp").experiment_id])]
