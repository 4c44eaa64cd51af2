"""Imports that take long: faster, and with a word to whoever waits at a terminal."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ERASE = "\r\x1b[K"  # the line


@contextmanager
def loading(what: str = "") -> Iterator[None]:
    """A block of imports; no garbage is looked for among what they bring, now or later: it stays, a million objects.

    what: says on a terminal that it is being loaded, as long as it is.
    """
    collects = gc.isenabled()
    gc.disable()
    told = bool(what) and sys.stderr is not None and sys.stderr.isatty()
    if told:
        print(f"loading {what} ...", end="", file=sys.stderr, flush=True)  # noqa: T201
    try:
        yield
    finally:
        if told:
            print(ERASE, end="", file=sys.stderr, flush=True)  # noqa: T201
        gc.freeze()
        if collects:
            gc.enable()
