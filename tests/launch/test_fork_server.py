"""The server that workers are forked from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running import PATIENCE, environment

from nnexp.launch import fork_server

SWEEP = """
import os, sys, threading, warnings
warnings.simplefilter("error")
import cloudpickle
from nnexp.launch.fork_server import start
from nnexp.launch.workers import run_all

def job(number):
    return os.getpid(), "nnexp_was_here" in sys.modules, "colorsys" in sys.modules, "WARM" in os.environ

cloudpickle.register_pickle_by_value(sys.modules["__main__"])
if __name__ == "__main__":
    sys.modules["nnexp_was_here"] = os
    THREAD
    start(["no_such_module", "colorsys"], lambda: os.environ.update(WARM="yes"))
    print("before", end="")
    print(run_all(lambda: job, range(3), 1, lambda *_: None), len(os.listdir("/proc/self/task")))
"""


def said(folder: Path, *words: str) -> str:
    """What Python prints, which must be no error."""
    done = subprocess.run(
        [sys.executable, *words],
        check=False,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    return done.stdout


def sweep(folder: Path, thread: str) -> tuple[list[tuple[int, bool, bool, bool]], int]:
    """What three jobs of one worker saw, and the threads that the process that started it has."""
    (folder / "sweep.py").write_text(SWEEP.replace("THREAD", thread))
    text = said(folder, "sweep.py").removeprefix("before")
    assert "before" not in text
    jobs, _, threads = text.strip().rpartition(" ")
    return eval(jobs), int(threads)  # noqa: S307  # what we have printed


def test_a_worker_has_all_that_the_process_has_which_planned(tmp_path: Path) -> None:
    jobs, _ = sweep(tmp_path, "")
    assert [(here, asked) for _, here, asked, _ in jobs] == [(True, True)] * 3


def test_a_worker_has_what_was_made_before_the_fork(tmp_path: Path) -> None:
    jobs, _ = sweep(tmp_path, "")
    assert [warm for *_, warm in jobs] == [True] * 3


def test_a_module_that_cannot_be_imported_is_for_the_job_to_tell(tmp_path: Path) -> None:
    jobs, _ = sweep(tmp_path, "")  # which asks for one
    assert len(jobs) == 3


def test_one_worker_does_all_jobs(tmp_path: Path) -> None:
    jobs, threads = sweep(tmp_path, "")
    assert len({pid for pid, *_ in jobs}) == 1
    assert threads == 1


def test_a_process_with_threads_is_not_forked(tmp_path: Path) -> None:
    jobs, _ = sweep(tmp_path, "threading.Thread(target=threading.Event().wait, daemon=True).start()")
    assert [(here, asked) for _, here, asked, _ in jobs] == [(False, True)] * 3


STOPPED = """
import os, psutil, threading
from nnexp.launch.fork_server import start, stop
from nnexp.launch.workers import run_all

if __name__ == "__main__":
    THREAD
    for _ in range(2):
        start([])
        if os.fork() == 0:  # one that has inherited all pipes
            threading.Event().wait()
        print(*run_all(lambda: abs, [-1, 2], 1, lambda *_: None))
        stop()
        (other,) = psutil.Process().children()
        other.kill()
        other.wait()
"""


@pytest.mark.parametrize("thread", ["", "threading.Thread(target=threading.Event().wait, daemon=True).start()"])
def test_a_server_that_is_stopped_is_gone_and_another_can_be_started(tmp_path: Path, thread: str) -> None:
    flags = ("-W", "ignore")  # Python 3.12 warns of its fork
    assert said(tmp_path, *flags, "-c", STOPPED.replace("THREAD", thread)) == "1 2\n1 2\n"


def test_only_linux_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not fork_server.is_safe()


def test_a_python_whose_server_is_another_inside_starts_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server.sys, "platform", "linux")
    monkeypatch.setattr(fork_server.threading, "active_count", lambda: 1)  # another test may have left a thread
    assert fork_server.is_safe()
    monkeypatch.setattr(fork_server, "SERVER", object.__new__(type("Server", (), {})))
    assert not fork_server.is_safe()
