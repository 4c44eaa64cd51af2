"""Which processes take part in a sweep: each has a file, which it touches as long as it is there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nnexp.runtime import owned_files
from nnexp.runtime.heartbeat import HEARTBEAT, Heartbeat, is_alive, this_process

SUBMITTER = "submitter.json"  # of the process that puts jobs into a queue, in its folder
BEAT_SECONDS = 5.0
LEFT, STARTING = "left", "starting"


@contextmanager
def present(path: Path, facts: Mapping[str, Any]) -> Iterator[None]:
    """Be seen to be there while the block lasts."""
    with announced(path, facts):
        beat = Heartbeat(lambda _: os.utime(path), BEAT_SECONDS)
        try:
            yield
        finally:
            beat.stop()


@contextmanager
def announced(path: Path, facts: Mapping[str, Any]) -> Iterator[None]:
    """The same without a thread; other machines see it for a minute or two, unless the file is touched."""
    owned_files.write(path, json.dumps({**this_process(), **facts}))
    try:
        yield
    finally:
        leave(path)


def leave(path: Path) -> None:
    """Be seen to have gone; on a full disk, by a file that nobody touches any more."""
    with suppress(OSError):  # else what has ended the process would not be told
        owned_files.write(path, json.dumps({**facts_of(path), LEFT: True}))


def facts_of(path: Path) -> dict[str, Any]:
    """What a process's file says of it; nothing if there is none."""
    try:
        facts = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def is_there(path: Path, clock: Callable[[], float]) -> bool:
    """Whether the process of that file is there: on this machine at once, on others as long as it touches the file.

    clock: the time, as the file system has it that the file is on.
    """
    try:
        touched = path.stat().st_mtime
    except OSError:
        return False
    facts = facts_of(path)
    return LEFT not in facts and is_alive({**facts, HEARTBEAT: f"{touched}"}, clock)


def clock_of(path: Path) -> Callable[[], float]:
    """The time as the file system has it, whatever this machine's clock says. path: of a file of this process's."""

    def now() -> float:
        os.utime(path)
        return path.stat().st_mtime

    return now
