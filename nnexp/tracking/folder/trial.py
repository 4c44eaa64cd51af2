"""A trial of a folder of runs: a folder in it that is gone when the trial is over."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnexp.errors import TrackingError
from nnexp.runtime.heartbeat import is_alive, this_process
from nnexp.runtime.owned_files import discard, forget_empty, marked, take, write
from nnexp.tracking.folder.run_files import EPOCHS, Line
from nnexp.tracking.trial import TRIAL

FILE = "doctor.txt"
WHOSE = "doctor.json"  # the process
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
    """A trial in this folder of runs. Those whose process was killed in the middle are taken out first."""
    for left in root.glob(f"{FOLDER}*"):
        if marked(left) == TRIAL and not is_alive(_whose(left)):
            _take_out(left)
    folder = root / f"{FOLDER}{uuid.uuid4().hex[:8]}"
    take(folder, TRIAL)
    write(folder / WHOSE, json.dumps(this_process()))
    try:
        yield FolderTrial(folder)
    finally:
        _take_out(folder)


def _whose(folder: Path) -> dict[str, str]:
    """The tags of the process whose trial it is; none if it was killed before it said so."""
    try:
        said = json.loads((folder / WHOSE).read_text())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _take_out(folder: Path) -> None:
    """Delete what a trial has written; `TrackingError` if that can't be."""
    try:
        discard(folder, TRIAL, f"{re.escape(FILE)}|{re.escape(EPOCHS)}|{re.escape(WHOSE)}")
    except OSError as error:
        said = f"the trial of `nnexp doctor`, {folder}, can't be taken out again ({error.strerror})"
        raise TrackingError([said, "delete it; or let the next `nnexp doctor` do it, once it may"]) from error
    forget_empty(folder, folder)
