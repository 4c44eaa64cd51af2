"""Files as bytes: read whole, unzipped and hashed, with every failure a `DataError`."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

from nnexp.errors import DataError

GZIP = b"\x1f\x8b"


def read(path: str | Path, expected: str) -> bytes:
    """The bytes of a file, at least one; raises `DataError`. `~` is the user's folder.

    expected: what the file should be, in words for the error.
    """
    try:
        file = Path(path).expanduser()
        if file.exists() and not file.is_file():
            found = "a folder" if file.is_dir() else "not a regular file"
            raise DataError(f"{path}: is {found}, expected {expected}")
        raw = file.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: is not there (looked in {file.absolute().parent}), expected {expected}") from None
    except (OSError, ValueError, RuntimeError) as error:  # no permission; a NUL in the name; an unknown ~user
        raise DataError(f"{path}: can't be read ({reason(error)}), expected {expected}") from error
    if not raw:
        raise DataError(f"{path}: is empty, expected {expected}")
    return raw


def unzipped(raw: bytes, path: str | Path) -> bytes:
    """What the bytes of a file hold: `raw` itself, or what it holds if it is gzip'd; raises `DataError`."""
    if not raw.startswith(GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error, MemoryError) as error:
        raise DataError(f"{path}: is a damaged gzip file ({reason(error)}), expected a whole one") from error


def reason(error: Exception) -> str:
    """Why something failed, in one line: in the system's words, the error's own, or its class's name."""
    words = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
    return words.splitlines()[0][:400]


def sha256_of(*parts: bytes) -> str:
    """The SHA-256, hexadecimal, of bytes one after the other."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
