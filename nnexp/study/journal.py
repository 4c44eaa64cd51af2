"""The journal: the file that a study lives in."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna.storages import JournalStorage


def storage(path: Path) -> JournalStorage:
    """The journal at this path, made if there is none; a process reads it once, and then what is new in it."""
    return _opened(str(path.absolute()), os.getpid())  # a fork is another process to Optuna


@cache
def _opened(path: str, process: int) -> JournalStorage:
    import optuna

    from nnexp.study.whole_lines import WholeLines

    optuna.logging.disable_default_handler()  # the terminal is the sweep's
    return optuna.storages.JournalStorage(WholeLines(path))
