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
THREAD = "nnexp-waiting"
PRINTING = threading.RLock()  # of whoever prints; a log's printer has no lock beside it: two could wait for each other


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


def room() -> AbstractContextManager[None]:
    """A block that prints, in any thread: the line is gone, and comes back after half a second of silence."""
    return _line.room()


class _Line:
    """The line. No thread is there while it has nothing to wait for: a process with one can't be forked safely."""

    def __init__(self) -> None:
        self.silenced = False
        self._blocks: list[str] = []
        self._changed = threading.Condition(PRINTING)
        self._wanted = NOTHING
        self._wanted_since = self._silent_since = time.monotonic()
        self._shown = NOTHING
        self._thread: threading.Thread | None = None

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
            self._want_innermost()
            yield
        finally:
            if what == NOTHING:
                self._silent_since = time.monotonic()
            del self._blocks[depth:]
            self._want_innermost()

    @contextmanager
    def room(self) -> Iterator[None]:
        with self._changed:
            self._erase()
            try:
                yield
            finally:
                self._silent_since = time.monotonic()
                self._changed.notify_all()

    def _has_reader(self) -> bool:
        ours = threading.current_thread() is threading.main_thread() and _is_first_process()
        return ours and not self.silenced and sys.stderr is not None and sys.stderr.isatty()

    def _want_innermost(self) -> None:
        """Have the innermost block's text shown when it has been silent for long enough."""
        with self._changed:
            self._wanted = self._blocks[-1] if self._blocks else NOTHING
            self._wanted_since = time.monotonic()
            self._changed.notify_all()
            if self._wanted == NOTHING:
                self._erase()
        if self._wanted == NOTHING and self._thread:
            self._thread.join()
            self._thread = None
        elif self._wanted != NOTHING and not self._thread:
            self._thread = threading.Thread(target=self._show_when_silent, name=THREAD, daemon=True)
            self._thread.start()

    def _show_when_silent(self) -> None:
        with self._changed:
            while self._wanted != NOTHING:
                due = max(self._wanted_since + SHORTEST, self._silent_since + SILENCE)
                if self._shown == self._wanted:
                    self._changed.wait()
                elif (seconds := due - time.monotonic()) > 0:
                    self._changed.wait(seconds)
                else:
                    self._show(self._wanted)

    def _show(self, what: str) -> None:
        width = shutil.get_terminal_size().columns - 1  # a full line would become two
        self._print(ERASE + _cut(f"{visible(what)} ...", width))
        self._shown = what

    def _erase(self) -> None:
        if self._shown and _is_first_process():
            self._shown = NOTHING
            self._print(ERASE)

    @staticmethod
    def _print(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)  # noqa: T201


def _is_first_process() -> bool:
    return current_process().name == "MainProcess"


def _cut(text: str, width: int) -> str:
    """As much of the text as fits into so many columns: a Chinese character takes two."""
    ends = accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return text[: sum(end <= width for end in ends)]


_line = _Line()  # a process has one terminal
