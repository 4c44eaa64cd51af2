"""How the command that has begun a sweep leaves it: to its workers, or cancelled."""

from __future__ import annotations

import logging
import signal
import sys
import time

from nnexp.errors import SweepLeft
from nnexp.launch.pulling.engine_file import engine_of
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, Queue
from nnexp.launch.pulling.queue_file import queue_of
from nnexp.runtime.signals import Interrupted

log = logging.getLogger(__name__)

GRACE_SECONDS = 15.0  # for workers to give back what they have
LOOK_SECONDS = 0.1


def leave_or_cancel(name: str, interrupt: Interrupted) -> None:
    """Ask what is to become of the sweep whose command a signal has reached, if there is a person to ask.

    Comes back when it is cancelled; raises `SweepLeft` if it goes on.
    """
    queue = queue_of(name)
    if interrupt.signal is signal.SIGINT and sys.stdin.isatty() and sys.stdout.isatty() and _cancels(name):
        cancel(queue)
        log.info("sweep %s is cancelled", name)
        return
    queue.mark(CLOSED)  # a search asks for nothing more
    log.info("%s", going_on := left(name))
    raise going_on from interrupt


def _cancels(name: str) -> bool:
    try:
        answer = input(f"\nsweep {name}: leave it running, or cancel it? (leave unless you type cancel) ")
    except (EOFError, KeyboardInterrupt):
        return False
    return answer.strip().lower() in ("c", "cancel")


def left(name: str) -> SweepLeft:
    """What to tell of a sweep that goes on without this process."""
    follow = f"`nnexp sweeps {name} --follow` shows it, the same command again concludes it"
    return SweepLeft(f"sweep {name} goes on; {follow}, `nnexp sweeps {name} --cancel` ends it")


def cancel(queue: Queue) -> None:
    """Have all workers of a sweep stop, and wait some seconds until they have."""
    queue.mark(CANCELLED)
    started = engine_of(queue)
    if started:
        engine, facts = started
        engine.cancel(facts)
    deadline = time.monotonic() + GRACE_SECONDS
    while queue.claims() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
