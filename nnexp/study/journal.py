"""The journal: the file that a study lives in."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nnexp.errors import UsageError

if TYPE_CHECKING:
    from optuna.storages import JournalStorage

BEGINNING = b'{"op_code":'  # of a line
OPERATIONS = 10  # that Optuna's journals know, from 0
SHOWN = 40  # bytes of a line that is none


def storage(path: Path) -> JournalStorage:
    """The journal at this path, made if there is none; a process reads it once, and then what is new in it.

    `UsageError` if something else is there.
    """
    return _opened(str(path.absolute()), os.getpid())  # a fork is another process to Optuna


@cache
def _opened(path: str, process: int) -> JournalStorage:
    import optuna

    from nnexp.study.whole_lines import WholeLines

    _check(Path(path))
    optuna.logging.disable_default_handler()  # the terminal is the sweep's
    return optuna.storages.JournalStorage(WholeLines(path))


def _check(path: Path) -> None:
    """Raise `UsageError` if there is a file that is no journal: nothing is cut off it, or written behind it."""
    if path.is_symlink():
        raise UsageError(f"{path}: is a link, expected a journal of a search's own")
    if not path.exists():
        return
    *lines, last = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not _is_entry(line):
            raise UsageError(f"{path}: line {number} is {line[:SHOWN]!r}, expected a line of a journal of Optuna's")
    if last and not (BEGINNING.startswith(last) or last.startswith(BEGINNING)):
        raise UsageError(f"{path}: ends with {last[:SHOWN]!r}, expected lines of a journal of Optuna's")


def _is_entry(line: bytes) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and entry.get("op_code") in range(OPERATIONS) and "worker_id" in entry
