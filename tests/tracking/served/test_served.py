"""Runs for a server: kept in a folder whatever the server does, and brought there once, as they are in the end."""

from __future__ import annotations

import queue
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import free_port
from running import run_nnexp
from servers import Between, between

from nnexp.errors import NoAnswer, TrackingError
from nnexp.runtime import owned_files
from nnexp.runtime.heartbeat import this_process
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.served import mirror, mirroring
from nnexp.tracking.served.marks import Marks
from nnexp.tracking.served.mirror import Mirror
from nnexp.tracking.served.mirroring import Mirroring
from nnexp.tracking.served.prompt import not_prompt
from nnexp.tracking.served.settling import settle
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.syncing import sync
from nnexp.tracking.tags import KEY

ID, SHA = "ab" * 16, "c" * 64
QUICK = ("data=digits", "sizes=[64,5,10]", "epochs=1", "pictures=false")


@pytest.fixture
def program() -> Iterator[Between]:
    """A program that answers as it is told; nothing is behind it."""
    with between("http://127.0.0.1:9") as answering:
        yield answering


def test_a_server_that_answers_is_prompt(program: Between) -> None:
    program.status = 200
    assert not_prompt(program.address) == ""


@pytest.mark.parametrize("status", [500, 503])
def test_one_that_answers_errors_is_not(program: Between, status: int) -> None:
    program.status = status
    assert not_prompt(program.address) == f"it answers {status}"


def test_one_that_wants_a_password_is_for_mlflows_client(program: Between) -> None:
    program.status = 401
    assert not_prompt(program.address) == ""


def test_one_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert not_prompt(address, seconds=0.05) == "it does not answer promptly"


def test_one_that_never_ends_its_answer_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = threading.Event()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nO")
                done.wait()

        thread = threading.Thread(target=answer)
        thread.start()
        said = not_prompt(address, seconds=0.1)
        done.set()
        thread.join()
    assert said == "it does not answer promptly"


def test_another_programs_page_is_no_sign_that_the_server_is_well(program: Between) -> None:
    program.status = 203
    assert not_prompt(program.address) == "its /health does not say OK"


def test_what_is_fetched_before_a_run_is_waited_for_once_though_the_server_is_well(
    store: FolderRuns, answering: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = Mirror(Path(store.address), answering, "nnexp")
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as silent:
        monkeypatch.setattr(mirror, "FETCH_SECONDS", 0.01)
        monkeypatch.setattr(mirror, "SILENT_SECONDS", 0.01)
        monkeypatch.setattr(here, "_process", silent)
        monkeypatch.setattr(here, "_ready", 1.0)
        here.fetch([SHA])
        here.finish()
    assert f"{answering}: not to be reached (it does not answer)" in caplog.text


@pytest.mark.parametrize("login", ["http://", "postgresql://ann:s3cret@", "mysql+pymysql://ann:s3cret@"])
def test_where_nothing_listens_the_system_says_why(login: str) -> None:
    assert not_prompt(f"{login}127.0.0.1:{free_port()}/runs") == "Connection refused"


# Marks.


@pytest.fixture
def store(tmp_path: Path) -> FolderRuns:
    return Folder(path=str(tmp_path / "runs")).open()


@pytest.fixture
def target(tmp_path: Path) -> FolderRuns:
    """What stands for the server's store."""
    return Folder(path=str(tmp_path / "server")).open()


def stored(store: FolderRuns, status: str = "FINISHED", **tags: str) -> Path:
    """A run in the folder, which the server lacks."""
    folder = Path(store.address) / f"{ID}-{SHA[:16]}"
    owned_files.take(folder, SHA)
    facts: dict[str, Any] = {"name": "a name", "started": 1.0, "ended": 2.0, "params": {}, "metrics": {}}
    run_files.create(folder, id=ID, status=status, tags={KEY: SHA} | tags, **facts)
    marks_of(store).owe(folder)
    return folder


def marks_of(store: FolderRuns) -> Marks:
    return Marks(Path(store.address), "http://127.0.0.1:9", "nnexp")


def test_what_changes_while_it_is_copied_is_still_owed(store: FolderRuns) -> None:
    marks, folder = marks_of(store), stored(store)
    word = marks.word(folder)
    marks.owe(folder)
    marks.settle(folder, word)
    assert marks.owed() == [folder]


def settled(store: FolderRuns, runs: list[StoredRun]) -> None:
    settle(runs, {ID}, "http://127.0.0.1:9", "nnexp")


def test_what_a_sync_has_brought_there_is_owed_no_more(store: FolderRuns) -> None:
    stored(store)
    settled(store, store.search())
    assert (marks_of(store).owed(), marks_of(store).unknown()) == ([], {})


def test_what_has_changed_since_a_sync_read_it_is_still_owed(store: FolderRuns) -> None:
    folder = stored(store)
    runs = store.search()
    run_files.update(folder, {"nnexp.pinned": "yes"})
    settled(store, runs)
    assert marks_of(store).owed() == [folder]


def test_a_run_that_can_go_on_without_a_word_to_the_server_is_not_taken_for_there(store: FolderRuns) -> None:
    folder = stored(store, "KILLED")
    owned_files.discard(folder, SHA, r"\.to-.*")
    settled(store, store.search())
    assert marks_of(store).unknown() == {ID: folder}


def test_a_run_that_is_there_is_owed_no_more_and_to_another_server_it_is(store: FolderRuns) -> None:
    marks, folder = marks_of(store), stored(store)
    marks.settle(folder, marks.word(folder))
    marks.owe_unless_known(folder)
    other = Marks(Path(store.address), "http://127.0.0.1:9", "another experiment")
    other.owe_unless_known(folder)
    assert (marks.owed(), other.owed()) == ([], [folder])


# The process that brings runs to the server, in this one.


class Mirrored:
    """What it does with these requests, and says."""

    def __init__(
        self, store: FolderRuns, target: FolderRuns | Callable[..., FolderRuns], address: str, *requests: dict[str, Any]
    ) -> None:
        self.said: list[dict[str, Any]] = []
        waiting: queue.Queue[dict[str, Any]] = queue.Queue()
        for request in (*requests, {"close": True}):
            waiting.put(request)
        tell = lambda **said: self.said.append(said)  # noqa: E731
        Mirroring(Path(store.address), address, "nnexp", tell, target if callable(target) else lambda *_: target).run(
            waiting
        )


@pytest.fixture
def answering(program: Between, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server, as which marks know it, that is prompt."""
    program.status = 200
    return program.address


def test_a_finished_run_is_brought_to_the_server_and_settled(
    store: FolderRuns, target: FolderRuns, answering: str
) -> None:
    folder, marks = stored(store), Marks(Path(store.address), answering, "nnexp")
    marks.owe(folder)
    assert ID in [each.get("copied") for each in Mirrored(store, target, answering).said]
    assert [run.origin for run in target.search()] == [ID]
    assert marks.owed() == []


def test_nothing_is_brought_to_a_server_while_a_sync_brings_runs_there(
    store: FolderRuns, target: FolderRuns, answering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sync has looked for the runs that are there, and would not see one that comes now."""
    folder, marks = stored(store), Marks(Path(store.address), answering, "nnexp")
    marks.owe(folder)
    monkeypatch.setattr(mirroring, "PATIENCE_SECONDS", 0.01)
    runs, receive = store.search(), target.receive

    def meanwhile(*arguments: Any) -> str:
        Mirrored(store, target, answering)
        return receive(*arguments)

    monkeypatch.setattr(target, "receive", meanwhile)
    assert sync(runs, target).runs == {"new": 1, "there": 0}
    assert ([run.origin for run in target.search()], marks.owed()) == ([ID], [folder])
    monkeypatch.undo()
    Mirrored(store, target, answering)
    assert ([run.origin for run in target.search()], marks.owed()) == ([ID], [])


def test_a_run_that_is_being_trained_is_brought_and_again_when_it_has_ended(
    store: FolderRuns, target: FolderRuns, answering: str
) -> None:
    folder, marks = stored(store, "RUNNING", **this_process()), Marks(Path(store.address), answering, "nnexp")
    marks.owe(folder)
    Mirrored(store, target, answering)
    assert ([run.status for run in target.search()], marks.owed()) == (["RUNNING"], [folder])
    run_files.update(folder, status="FINISHED", metrics={"test_accuracy": 0.5})
    Mirrored(store, target, answering)
    (run,) = target.search()
    assert (run.status, dict(run.metrics), marks.owed()) == ("FINISHED", {"test_accuracy": 0.5}, [])


def test_a_server_that_answers_errors_leaves_everything_owed(
    store: FolderRuns, target: FolderRuns, program: Between
) -> None:
    folder, marks = stored(store), Marks(Path(store.address), program.address, "nnexp")
    marks.owe(folder)
    program.status = 500
    assert Mirrored(store, target, program.address).said == [{"away": "it answers 500"}]
    assert (target.search(), marks.owed()) == ([], [folder])


@pytest.mark.parametrize(("error", "said"), [(NoAnswer, {"away": "gone"}), (TrackingError, {"refused": ["gone"]})])
def test_a_server_that_goes_away_while_it_answers_has_not_refused(
    store: FolderRuns, answering: str, error: type[TrackingError], said: dict[str, Any]
) -> None:
    def gone(*_: Any) -> FolderRuns:
        raise error(["gone"])

    assert Mirrored(store, gone, answering, {"find": [SHA], "number": 1}).said[0] == said


def test_a_run_that_the_server_has_is_fetched_and_not_owed(
    store: FolderRuns, target: FolderRuns, answering: str
) -> None:
    stored(target)
    said = Mirrored(store, target, answering, {"find": [SHA], "number": 1}).said
    assert {"answered": 1} in said
    assert [run.id for run in store.search()] == [ID]
    assert Marks(Path(store.address), answering, "nnexp").owed() == []


# Whole commands.


@pytest.mark.slow
def test_with_nobody_at_the_address_a_run_trains_and_says_once_where_it_is(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    done = run_nnexp(tmp_path, *QUICK, f"tracking.uri={address}")
    said = done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
    assert said.count(f"{address}: not to be reached (Connection refused)") == 1
    assert (
        said.count(f"not on {address} yet: 1 run that ended; `nnexp sync {tmp_path}/outputs/runs --to {address}`") == 1
    )
    (run,) = Folder(path=str(tmp_path / "outputs/runs")).open().search()
    assert run.finished


@pytest.mark.slow
def test_the_same_command_again_finds_the_run_without_the_server(tmp_path: Path) -> None:
    words = *QUICK, f"tracking.uri=http://127.0.0.1:{free_port()}"
    run_nnexp(tmp_path, *words)
    done = run_nnexp(tmp_path, *words)
    assert "finished already" in done.stdout
