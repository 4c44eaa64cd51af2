"""How the command that has begun a sweep leaves it: to its workers, or cancelled."""

from __future__ import annotations

import sys
import time

from nnexp.errors import SweepLeft
from nnexp.launch.engine_file import engine_of
from nnexp.launch.queue import CANCELLED, Queue

GRACE_SECONDS = 15.0  # for workers to give back what they have
LOOK_SECONDS = 0.1


def cancels(name: str) -> bool:
    """Ask whether the sweep is to be cancelled, if there is a person to ask; nobody's answer is no."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        answer = input(f"\nsweep {name}: leave it running, or cancel it? [leave/cancel] ")
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
