"""Processes that tests start: waited for by what they do, never by the clock, and none of them left behind."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from running import PATIENCE, environment

EPHEMERAL = 32768  # from here on the kernel gives ports to whoever asks for any


@contextmanager
def started(
    folder: Path, *words: str, module: str = "nnexp.run", login: dict[str, str] | None = None, **popen: Any
) -> Iterator[subprocess.Popen[str]]:
    """`python -m nnexp.run` in a process group of its own, of which none is left when the block ends.

    login: environment variables beside the usual ones.
    """
    with subprocess.Popen(
        [sys.executable, "-u", "-m", module, *words],
        cwd=folder,
        text=True,
        start_new_session=True,
        env=environment() | (login or {}),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} | popen,
    ) as process:
        watchdog = threading.Timer(PATIENCE, end, [process])  # a test that reads its output would wait for ever
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Stop all of a process group that is still there; it is told to first, for it may have started others."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=30)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def paused(process: subprocess.Popen[str]) -> Iterator[None]:
    """The process and all of its group stand still meanwhile."""
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def line_of(process: subprocess.Popen[str], beginning: str) -> str:
    """The next line of its output that begins so."""
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(beginning):
            return line
    return pytest.fail(f"it has ended without a line {beginning!r}:\n{''.join(said)}")


def rest_of(process: subprocess.Popen[str]) -> str:
    """What it says until it ends; after `line_of`, for `communicate` would miss what has been read ahead."""
    assert process.stdout
    rest = process.stdout.read()
    process.wait()
    return rest


def wait_until(condition: Callable[[], object], what: str = "what was waited for", seconds: float = PATIENCE) -> None:
    """Look until the condition holds; fails with `what` if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"after {seconds:.0f} seconds not yet: {what}")
        time.sleep(0.05)


def group(leader: int) -> dict[int, int]:
    """The processes of a group that are there, each with its parent."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if int(its_group) == leader and state != "Z":
            found[int(stat.parent.name)] = int(parent)
    return found


def workers(leader: int) -> list[int]:
    """A sweep's workers: the children of the server that they are forked from, which is its child."""
    parents = group(leader)
    return [pid for pid, parent in parents.items() if parents.get(parent) == leader]


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for the signal."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(status["SigCgt"], 16) >> (number - 1) & 1)


def free_port() -> int:
    """A port of this machine that is free, and that nobody is given who asks for any."""
    while True:
        port = random.randrange(20_000, EPHEMERAL)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answer_of(server: subprocess.Popen[Any], request: str | urllib.request.Request) -> bytes:
    """What a server that is being started answers as soon as it can."""
    answers: list[bytes] = []

    def asked() -> bool:
        assert server.poll() is None, "the server has ended"
        with suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # our own server
            answers.append(answer.read())
        return bool(answers)

    wait_until(asked, "an answer")
    return answers[0]


def gone(pid: int) -> bool:
    """Whether there is no such process, or one that has ended and that nobody has asked for its exit code."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def descendants(pid: int) -> list[int]:
    """What a process has started, and what those have, and so on."""
    return [each.pid for each in psutil.Process(pid).children(recursive=True)]
