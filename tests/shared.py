"""What one of the processes that run the tests makes for all of them: it takes long, and all only read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


class Shared:
    """The folder that these processes have in common; `conftest.py` says which."""

    folder: Path


def folder_of(factory: pytest.TempPathFactory) -> Path:
    """Under xdist the folder of a process lies in that of all."""
    base = factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The file or folder of that name, which the first process that asks for it makes."""
    whole = Shared.folder / name
    with FileLock(f"{whole}.lock"):
        if not whole.exists():
            beginning = whole.with_name(f"{name}.beginning")
            make(beginning)
            beginning.rename(whole)
    return whole
