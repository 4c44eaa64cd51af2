"""Locks between the processes of a machine: gone with the process that holds them, however it ends."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout
from platformdirs import user_cache_path

SOON_SECONDS = 0.2  # for a lock that is about to be free


def lock(name: str, timeout: float = -1) -> BaseFileLock:
    """The lock of that name; entering it waits for `timeout` seconds, -1 for ever, then raises `filelock.Timeout`."""
    folder = user_cache_path("nnexp") / "locks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # no home, or one that can't be written
        folder = Path(tempfile.gettempdir()) / f"nnexp-{os.getuid()}"
        folder.mkdir(exist_ok=True)
    return FileLock(folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock", timeout=timeout)


@contextmanager
def alone(name: str, waits: Callable[[], None]) -> Iterator[None]:
    """While it lasts, no other process of this machine is in a block of that name; waits for one that is.

    waits: is called before that.
    """
    turn = lock(name)
    try:
        turn.acquire(timeout=SOON_SECONDS)
    except Timeout:
        waits()
        turn.acquire()
    try:
        yield
    finally:
        turn.release()
