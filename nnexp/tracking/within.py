"""A step that has so many seconds for all of it, however it spends them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, step: Callable[[], T]) -> T:
    """What the step gives, or raises; `TimeoutError` if it is not done in time: then it is left behind, in a thread.

    A timeout of a socket is for each piece of an answer, and a server that sends a byte now and then never reaches it.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(step())
        except BaseException as error:  # whatever it is, it is raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done.result(seconds)
