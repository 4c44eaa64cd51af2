"""Waiting for a cluster's answer: nobody wonders why nothing happens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

log = logging.getLogger(__name__)

SILENT_SECONDS = 5.0


@contextmanager
def waiting(whom: str, seconds: float, silent: float = SILENT_SECONDS) -> Iterator[None]:
    """Say that whoever this is has not answered yet, if the block takes long; once in a process.

    seconds: after which no answer is waited for any more. silent: before it is said.
    """
    timer = threading.Timer(
        silent, _say, [f"{whom} has not answered yet; it is waited for, up to {seconds:.0f} seconds"]
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # nothing else runs when a process is forked


@cache
def _say(line: str) -> None:
    log.warning("%s", line)
