"""A trial of a folder of runs: a folder in it that is gone when the trial is over."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnexp.runtime.owned_files import discard, forget_empty, take, write
from nnexp.tracking.folder.run_files import EPOCHS, Line
from nnexp.tracking.trial import TRIAL

FILE = "doctor.txt"
FOLDER = "doctor-"  # what its name begins with


class FolderTrial:
    """See `Trial`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, number: int) -> None:
        write(self._folder / EPOCHS, str(Line(number, {"doctor": float(number)}, round(1000 * time.time()))))

    def file(self, text: str) -> str:
        write(self._folder / FILE, text)
        return (self._folder / FILE).read_text()

    def clock(self) -> float:
        write(self._folder / FILE, "")
        return (self._folder / FILE).stat().st_mtime

    def version(self) -> str:
        return ""


@contextmanager
def folder_trial(root: Path) -> Iterator[FolderTrial]:
    """A trial in this folder of runs."""
    folder = root / f"{FOLDER}{uuid.uuid4().hex[:8]}"
    take(folder, TRIAL)
    try:
        yield FolderTrial(folder)
    finally:
        discard(folder, TRIAL, rf"{FILE}|{EPOCHS}")
        forget_empty(folder, folder)
