"""Changing a store that others change too: one process at a time, and once more if another came between all the same.

MLflow looks whether something is there and makes it if not, in two steps. A file lock keeps the processes of this
machine apart. It holds nobody back who shares a server or a database from another machine, so a step that clashed
there is done again: then it finds what the other has made.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from nnexp.errors import TrackingError, redacted

T = TypeVar("T")

PATIENCE_SECONDS = 120  # making a new store takes about four; this is for a queue of first starts
PAUSES = (0.1, 0.5, 2.0)  # seconds at most before another try, so that two who made way for each other part
CLASHES = ("IntegrityError", "UniqueViolation", "RESOURCE_ALREADY_EXISTS")  # as SQLAlchemy says it, and a server


class Clash(Exception):
    """Another has made at the same time what is to be there once; ours is gone again."""


def in_turn(uri: str, step: Callable[[], T]) -> T:
    """What the step gives, which changes the store at this address and may safely be done again."""
    with one_at_a_time(uri):
        for pause in PAUSES:
            try:
                return step()
            except Exception as error:
                if not isinstance(error, Clash) and not any(clash in str(error) for clash in CLASHES):
                    raise
                time.sleep(random.uniform(0, pause))  # noqa: S311  # nothing secret
        return step()


@contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """While it lasts, no other process of this machine is in here for the same database; not to be nested.

    A server is left to itself. Raises `TrackingError` after two minutes.
    """
    if uri.startswith(("http://", "https://")):
        yield
        return
    from filelock import Timeout

    from nnexp.runtime.locks import lock

    turn = lock(uri, PATIENCE_SECONDS)
    try:
        turn.acquire()
    except Timeout:
        raise TrackingError(
            f"{redacted(uri)}: another process has been at work on this store for {PATIENCE_SECONDS} seconds; "
            "end it, then try again"
        ) from None
    try:
        yield
    finally:
        turn.release()
