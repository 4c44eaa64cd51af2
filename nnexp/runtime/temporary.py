"""Temporary folders that a process which was killed leaves under a name of nnexp's."""

from __future__ import annotations

from tempfile import TemporaryDirectory

PREFIX = "nnexp-part-"


def temporary_folder() -> TemporaryDirectory[str]:
    """A folder for the length of a `with` block."""
    return TemporaryDirectory(prefix=PREFIX)
