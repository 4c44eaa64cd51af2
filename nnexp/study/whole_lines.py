"""Optuna's journal file, which stays readable where a full disk or a kill has cut off its last line.

Optuna's own backend appends behind such a line, so that the two are one that nobody can read, and the journal with it.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from io import FileIO
from typing import Any

from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

GRACE_SECONDS = 5  # after which the lock of a killed process is taken; Optuna's 30 would hold up every worker


class WholeLines:
    """What `JournalFileBackend` is to a storage: a journal in the file at this path, made if there is none."""

    def __init__(self, path: str) -> None:
        self._journal = path
        self._turn = JournalFileSymlinkLock(path, GRACE_SECONDS)
        self._lines = JournalFileBackend(path, self._turn)
        self.append_logs([])

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """The lines from this number on, as Optuna reads them: one that is cut off is none."""
        yield from self._lines.read_logs(log_number_from)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append these under Optuna's own lock, behind the last line that is whole; `OSError` if the file is gone."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs).encode()
        self._turn.acquire()
        try:
            with FileIO(os.open(self._journal, os.O_RDWR | os.O_APPEND), "r+") as file:
                _cut(file)
                if file.write(lines) < len(lines):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._journal)
                os.fsync(file.fileno())
        finally:
            self._turn.release()


def _cut(file: FileIO) -> None:
    """Cut off what follows the last whole line."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    if file.read(1) not in (b"", b"\n"):
        file.seek(0)
        file.truncate(file.readall().rfind(b"\n") + 1)
