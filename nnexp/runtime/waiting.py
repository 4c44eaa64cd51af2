"""What takes long, in a line on the terminal: after half a second of silence, and gone when it is over."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import accumulate
from multiprocessing import current_process
from unicodedata import east_asian_width

from nnexp.printable import visible

SILENCE = 0.5  # seconds
SHORTEST = 0.1  # seconds: what takes less is not mentioned
ERASE = "\r\x1b[K"  # the line
NOTHING = ""


def doing(what: str) -> AbstractContextManager[None]:
    """Tell who waits at a terminal what is being done, from half a second of silence on, as long as the block lasts.

    A block within it goes before it. Only the first process of a command tells, and only its main thread.
    """
    return _line.during(what)


def quiet() -> AbstractContextManager[None]:
    """A block that prints by itself what it does; blocks within it tell, as ever. What was told before it is over."""
    return _line.during(NOTHING)


@contextmanager
def silenced() -> Iterator[None]:
    """A block in which nothing is told, by blocks within it either: a program reads what is printed."""
    before, _line.silenced = _line.silenced, True
    try:
        yield
    finally:
        _line.silenced = before


def about_to_print() -> None:
    """Make room for another line."""
    _line.make_room()


class _Line:
    """The line. No thread is there while it has nothing to wait for: a process with one can't be forked safely."""

    def __init__(self) -> None:
        self.silenced = False
        self._blocks: list[str] = []
        self._silent_since = time.monotonic()
        self._shown = ""
        self._timer: threading.Timer | None = None

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        if not self._has_reader():
            yield
            return
        depth = len(self._blocks)
        try:
            self._blocks.append(what)
            if what == NOTHING:
                self._blocks = [NOTHING] * len(self._blocks)
            self._wait()
            yield
        finally:
            if what == NOTHING:
                self._silent_since = time.monotonic()
            del self._blocks[depth:]
            self._wait()

    def make_room(self) -> None:
        if self._has_reader():
            self._silent_since = time.monotonic()
            self._erase()
            self._wait()

    def _has_reader(self) -> bool:
        ours = threading.current_thread() is threading.main_thread() and current_process().name == "MainProcess"
        return ours and not self.silenced and sys.stderr is not None and sys.stderr.isatty()

    def _wait(self) -> None:
        """Have the innermost block's text shown when it has been silent for long enough."""
        if self._timer:
            self._timer.cancel()
            self._timer.join()
            self._timer = None
        what = self._blocks[-1] if self._blocks else NOTHING
        if what == NOTHING:
            self._erase()
        elif what != self._shown:
            seconds = max(SHORTEST, self._silent_since + SILENCE - time.monotonic())
            self._timer = threading.Timer(seconds, self._show, [what])
            self._timer.daemon = True
            self._timer.start()

    def _show(self, what: str) -> None:
        width = shutil.get_terminal_size().columns - 1  # a full line would become two
        self._print(ERASE + _cut(f"{visible(what)} ...", width))
        self._shown = what

    def _erase(self) -> None:
        if self._shown:
            self._shown = ""
            self._print(ERASE)

    @staticmethod
    def _print(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)  # noqa: T201


def _cut(text: str, width: int) -> str:
    """As much of the text as fits into so many columns: a Chinese character takes two."""
    ends = accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return text[: sum(end <= width for end in ends)]


_line = _Line()  # a process has one terminal
