"""Machine code that is kept on disk, in the user's cache folder: compiled once on a machine, not in every process.

numba keeps it apart by its own version, Python's, the processor's and the types; here it is kept apart by our code too,
and what can't be read or written costs time and a line in the log, never a run.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Timer
from typing import Any, ClassVar

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.errors import NumbaError
from numba.core.serialize import dumps
from platformdirs import user_cache_path

from nnexp.errors import UsageError
from nnexp.runtime.locks import lock

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds without a word


def kept_on_disk(**options: Any) -> Any:
    """Like `numba.njit(cache=True, **options)`, but in our folder; NUMBA_CACHE_DIR names another."""

    def compiled(function: Any) -> Any:
        dispatcher = njit(**options)(function)
        dispatcher._cache = _Kept(function)
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


class _Place(_CacheLocator):  # type: ignore[misc]  # numba has no types
    """Where the machine code of a function is: in a folder of its own for each version of our code."""

    def __init__(self, function: Any, file: str) -> None:
        self._py_file, self._lineno = file, function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        return str(Path(config.CACHE_DIR or user_cache_path("nnexp") / "machine-code") / _version())

    def get_source_stamp(self) -> str:
        return _version()

    def get_disambiguator(self) -> str:
        return str(self._lineno)

    @classmethod
    def from_function(cls, function: Any, file: str) -> _Place:
        return cls(function, file)


class _Checked(CompileResultCacheImpl):  # type: ignore[misc]
    """What is kept of a function, with its hash: damaged machine code could do anything."""

    _locator_classes: ClassVar[list[Any]] = [_Place]

    def reduce(self, made: Any) -> tuple[bytes, bytes]:
        content = dumps(super().reduce(made))
        return hashlib.sha256(content).digest(), content

    def rebuild(self, target: Any, kept: tuple[bytes, bytes]) -> Any:
        digest, content = kept
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("its hash is another")
        return super().rebuild(target, pickle.loads(content))  # noqa: S301  # as numba does; the folder is the user's


class _Kept(FunctionCache):  # type: ignore[misc]
    """numba's cache of a function, without which compiling goes on as well."""

    _impl_class = _Checked

    def load_overload(self, types: Any, target: Any) -> Any:
        try:
            made = super().load_overload(types, target)
            if made and tuple(made.signature.args) != tuple(types):  # its writer was killed after naming the file
                raise ValueError("it is of other types")
        except OSError:  # nothing that could be read: if nothing can be written either, saving tells
            return None
        except Exception as error:  # numba's files may hold anything, and unpickling may raise anything
            log.warning("machine code in %s is damaged, and is made anew (%s)", self.cache_path, error)
            self._begin_anew()
            return None
        return made

    def save_overload(self, types: Any, made: Any) -> None:
        try:
            super().save_overload(types, made)
        except OSError as error:
            _tell_that_nothing_is_kept(self.cache_path, error.strerror)

    def _begin_anew(self) -> None:
        try:
            self.flush()
        except OSError as error:
            _tell_that_nothing_is_kept(self.cache_path, error.strerror)


@cache
def _tell() -> None:
    """Say once in a process what takes its time."""
    log.info("compiling what these settings need, once on this machine")


@cache
def _tell_that_nothing_is_kept(folder: str, why: str) -> None:
    """Say once in a process why the next one will compile again."""
    log.warning(
        "machine code can't be kept in %s, and is made anew by each process; NUMBA_CACHE_DIR names another folder (%s)",
        folder,
        why,
    )


@cache
def _version() -> str:
    """Of the code that is compiled: numba looks for changes in the file of the outermost function alone."""
    ours = sorted((file.name, file.read_bytes()) for file in files(__package__).iterdir() if file.name.endswith(".py"))
    return hashlib.sha256(b"".join(content for _, content in ours)).hexdigest()[:16]
