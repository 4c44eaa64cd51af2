"""Whether the process that trains a run is still there: host, process and a heartbeat, written as tags."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable, Mapping

import psutil

HOST, PROCESS, HEARTBEAT = "nnexp.host", "nnexp.process", "nnexp.heartbeat"
BEAT_SECONDS = 20.0
DEAD_AFTER_SECONDS = 120.0  # without a heartbeat, seen from another host
TICKS = os.sysconf("SC_CLK_TCK")  # in a second


def this_process() -> dict[str, str]:
    """The tags of this process, with a first heartbeat."""
    return {HOST: platform.node(), PROCESS: process(os.getpid()), HEARTBEAT: f"{time.time():.0f}"}


def process(pid: int) -> str:
    """`pid` and when it was started: a number alone is given to another process some day."""
    return f"{pid} {_started(psutil.Process(pid))}"


def is_alive(tags: Mapping[str, str], now: Callable[[], float] = time.time) -> bool:
    """Whether the process of these tags runs: known at once on its own host, by its heartbeat (unix time) on others."""
    if HOST not in tags:
        return False
    if tags[HOST] == platform.node():
        return _exists(str(tags.get(PROCESS, "")))  # a file may say a number
    try:
        return now() - float(tags.get(HEARTBEAT, 0)) < DEAD_AFTER_SECONDS
    except (TypeError, ValueError):  # no time
        return False


def _exists(process_tag: str) -> bool:
    """Whether that very process runs. A tag without a start is of an earlier version, on a system without /proc."""
    pid, _, started = process_tag.partition(" ")
    if not (pid.isascii() and pid.isdigit()):
        return False
    try:
        found = psutil.Process(int(pid))
        if found.status() == psutil.STATUS_ZOMBIE:
            return False
        return not started.isdigit() or abs(_started(found) - int(started)) <= TICKS  # psutil rounds
    except (psutil.NoSuchProcess, OverflowError):
        return False
    except psutil.AccessDenied:
        return True  # it is there, and somebody else's: rather wait for it than take its run


def _started(of: psutil.Process) -> int:
    """Clock ticks from the boot to its start: unlike the time of day, no change of the clock moves it."""
    booted = psutil.boot_time()
    return round(float(of.create_time() - booted) * TICKS)


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
