"""A full disk: recognised in whatever error it comes wrapped in, and said in a line."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SAID = ("database or disk is full", "disk I/O error", "No space left on device", "Disk quota exceeded")
LITTLE = 100 * 2**20  # bytes; where more are free, it is a quota, or the disk of a server


def full(error: BaseException | None) -> str:
    """What to say of an error behind which there is a full disk, in a few words; nothing if there is none.

    SQLite, SQLAlchemy, MLflow and a server behind it each wrap the error of the one before, or only its text.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return "the disk is full"
        if any(said in str(error) for said in SAID):
            return "the disk is full" if "I/O" not in str(error) else "the disk is full, or fails"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ""


def where() -> str:
    """Which of the disks that a run writes to is nearly full, and how much is left on it; nothing if none is."""
    left = {folder: shutil.disk_usage(folder).free for folder in (str(Path.cwd()), tempfile.gettempdir())}
    folder = min(left, key=lambda each: left[each])
    return f" ({left[folder] / 2**20:.1f} MB are left in {folder})" if left[folder] < LITTLE else ""
