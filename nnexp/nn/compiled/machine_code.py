"""Machine code that is kept on disk, in the user's cache folder: compiled once on a machine, not in every process."""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any

from numba import config, njit
from numba.core.errors import NumbaError
from platformdirs import user_cache_path

from nnexp.errors import UsageError
from nnexp.runtime.locks import lock

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds without a word


def kept_on_disk(**options: Any) -> Any:
    """Like `numba.njit(cache=True, **options)`, but in our folder; NUMBA_CACHE_DIR names another."""

    def compiled(function: Any) -> Any:
        dispatcher = njit(**options)(function)
        earlier = config.CACHE_DIR
        config.CACHE_DIR = earlier or str(user_cache_path("nnexp") / "machine-code" / _version())
        try:
            dispatcher.enable_caching()
        except RuntimeError as error:  # no folder can be written
            log.warning("machine code can't be kept, and is made anew by each process (%s)", error)
        finally:
            config.CACHE_DIR = earlier
        return dispatcher

    return compiled


def ready(function: Any, types: tuple[Any, ...]) -> Any:
    """The function, after its machine code for arguments of these types was read from disk, or made.

    One process makes it while others wait. Raises `UsageError` for formulas that numba can't compile.
    """
    if types not in function.overloads:
        patience = Timer(PATIENCE, _tell)
        patience.start()
        try:
            with lock("machine code"):
                function.compile(types)
        except NumbaError as error:
            raise UsageError(
                "engine: compiled can't compile the formulas of these parts; engine=numpy computes with them as they "
                f"are ({str(error).strip().splitlines()[0]})"
            ) from error
        finally:
            patience.cancel()
            patience.join()
    return function


@cache
def _tell() -> None:
    """Say once in a process what takes its time."""
    log.info("compiling what these settings need, once on this machine")


@cache
def _version() -> str:
    """Of the code that is compiled: numba looks for changes in the file of the outermost function alone."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
