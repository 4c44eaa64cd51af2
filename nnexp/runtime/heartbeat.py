"""Whether the process that trains a run is still there: host, process and a heartbeat, written as tags."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

HOST, PROCESS, HEARTBEAT = "nnexp.host", "nnexp.process", "nnexp.heartbeat"
BEAT_SECONDS = 20.0
DEAD_AFTER_SECONDS = 120.0  # without a heartbeat, seen from another host


def this_process() -> dict[str, str]:
    """The tags of this process, with a first heartbeat."""
    return {HOST: platform.node(), PROCESS: process(os.getpid()), HEARTBEAT: f"{time.time():.0f}"}


def process(pid: int) -> str:
    """`pid` and when it was started: a number alone is given to another process some day."""
    return f"{pid} {_started(pid)}".strip()


def is_alive(tags: Mapping[str, str], now: Callable[[], float] = time.time) -> bool:
    """Whether the process of these tags runs: known at once on its own host, by its heartbeat (unix time) on others."""
    if HOST not in tags:
        return False
    if tags[HOST] == platform.node():
        return _exists(tags.get(PROCESS, ""))
    return now() - float(tags.get(HEARTBEAT, 0)) < DEAD_AFTER_SECONDS


def _exists(process_tag: str) -> bool:
    number = process_tag.partition(" ")[0]
    if not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except PermissionError:
        pass  # it is there, and somebody else's
    except OSError:
        return False
    return process(int(number)) == process_tag


def _started(pid: int) -> str:
    """Clock ticks after boot, where /proc tells; empty elsewhere and for a process that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


class Heartbeat:
    """Calls `beat` with the unix time every some seconds, from a thread of its own, until it is stopped."""

    def __init__(self, beat: Callable[[str], object], seconds: float = BEAT_SECONDS) -> None:
        self._beat = beat
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="nnexp-heartbeat")
        self._thread.start()

    def stop(self) -> None:
        """Stop it, and wait until it has stopped."""
        self._stop.set()
        self._thread.join(timeout=self._seconds)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self._beat(f"{time.time():.0f}")
            except Exception:  # noqa: S112  # the next one may arrive; a run does not end for a missing beat
                continue
