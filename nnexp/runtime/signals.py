"""Ctrl-C and SIGTERM as one exception, raised once, and not in the middle of what must not be torn."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 3  # so many signals mean it
AGAIN_SECONDS = 0.01
GOES_ON = "{again} goes on"
NOTHING_KEPT = "with tracking=off nothing is kept, and {again} begins anew"


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM has come. outlook: what comes of the work that it has ended, as far as that is known.

    In an outlook `{again}` stands for `the same command again`.
    """

    def __init__(self, number: int) -> None:
        self.signal = signal.Signals(number)
        self.outlook = GOES_ON
        super().__init__(self.signal.name)


@contextmanager
def with_outlook(outlook: Callable[[], str]) -> Iterator[None]:
    """Let whoever hears of a signal in this block know what comes of the work."""
    try:
        yield
    except Interrupted as interrupt:
        interrupt.outlook = outlook()
        raise


def sent_by(number: int) -> str:
    """What somebody did to send the signal: `Ctrl-C`, or else its name."""
    return "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


class Interrupts:
    """While entered, the first SIGINT or SIGTERM raises `Interrupted`; later ones let the run close in peace.

    A third one raises again, for the case that there is no peace. Signals reach the main thread only, so in any
    other thread this does nothing.

    Python drops an exception that is raised while it tidies up (a `__del__`, the callback of a weak reference, which
    every import has): a signal that comes just then is raised again a moment later. A library may swallow it, or make
    an error of its own of it: then it is raised at the end of the block.

    last: the process ends after the block. If it was a signal that ended the block, later ones change nothing of what
    is said and given back then; the third ends the process at once.
    """

    def __init__(self, *, last: bool = False) -> None:
        self._last = last
        self._previous: dict[int, Any] = {}
        self._held = False
        self._waiting: int | None = None
        self._heard: int | None = None  # the first one
        self._count = 0
        self._on_dropped = sys.unraisablehook

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            if self._last:
                atexit.register(_ignore)  # as the first of all, which is the last to be called
            for number in SIGNALS:
                self._previous[number] = signal.signal(number, self._on_signal)
            self._on_dropped, sys.unraisablehook = sys.unraisablehook, self._dropped
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self._previous:
            sys.unraisablehook = self._on_dropped
        for number, handler in self._previous.items():
            signal.signal(number, self._at_the_end if self._last and self._count else handler)
            if isinstance(outer := getattr(handler, "__self__", None), Interrupts):
                outer._count = max(outer._count, self._count)
        if self._heard and (error is None or isinstance(error, Exception)):
            raise Interrupted(self._heard) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a signal waiting until the end of the block."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._waiting is not None:
            number, self._waiting = self._waiting, None
            raise Interrupted(number)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._count += 1
        self._heard = self._heard or number
        if self._held and self._count < PATIENCE:
            self._waiting = number if self._count == 1 else self._waiting
        elif self._count in (1, PATIENCE):
            raise Interrupted(number)

    def _at_the_end(self, number: int, _: FrameType | None) -> None:
        self._count += 1
        if self._count >= PATIENCE:
            os._exit(128 + number)

    def _dropped(self, dropped: sys.UnraisableHookArgs) -> None:
        """What Python calls with an exception that it drops."""
        if not isinstance(dropped.exc_value, Interrupted):
            self._on_dropped(dropped)
            return
        self._count = 0
        again = dropped.exc_value.signal  # from a thread, for here it would be dropped again
        threading.Timer(AGAIN_SECONDS, os.kill, [os.getpid(), again]).start()


def _ignore() -> None:
    """Ignore signals from now on: Python's own end lets them end the process, and then it has no exit code."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
