"""The heartbeat's thread."""

from __future__ import annotations

import threading
import time

from processes import wait_until
from running import PATIENCE

from nnexp.runtime.heartbeat import Heartbeat


def test_a_beat_that_fails_is_followed_by_the_next() -> None:
    beats: list[str] = []
    arrived = threading.Event()

    def beat(now: str) -> None:
        beats.append(now)
        if len(beats) == 1:
            raise OSError("the store is away")
        arrived.set()

    heart = Heartbeat(beat, seconds=0.01)
    assert arrived.wait(PATIENCE)
    heart.stop()


def test_a_beat_stops_when_it_is_told_to() -> None:
    beats: list[str] = []
    before = set(threading.enumerate())
    heart = Heartbeat(beats.append, seconds=0.01)
    wait_until(lambda: len(beats) >= 2, "it beats")
    heart.stop()
    wait_until(lambda: set(threading.enumerate()) <= before, "its thread has ended")
    count = len(beats)
    time.sleep(0.1)
    assert len(beats) == count
