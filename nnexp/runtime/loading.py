"""Imports that take long: faster, and with a word to whoever waits at a terminal."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from nnexp.runtime.waiting import doing


@contextmanager
def loading(what: str) -> Iterator[None]:
    """A block of imports; no garbage is looked for among what they bring, now or later: it stays, a million objects.

    what: is being imported, for whoever waits.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with doing(f"importing {what}"):
            yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
