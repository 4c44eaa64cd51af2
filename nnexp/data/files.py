"""Files as bytes: read, unzipped no further than is allowed, and hashed, with every failure a `DataError`."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path

from nnexp.errors import DataError
from nnexp.nn.file_limits import GB, Limit

GZIP = b"\x1f\x8b"
CHUNK = 2**24  # bytes
MOST_GB = 4  # what a data set may unpack to; MNIST is 0.05, EMNIST's largest 0.6
USUAL = Limit(MOST_GB * GB, "as every data set")


def limit_of(max_gb: float | None) -> Limit:
    """What a data set of the user's may unpack to: so many GB; None: as much as every other."""
    return Limit(round((max_gb or MOST_GB) * GB), "data.max_gb=... allows another number of GB")


def read(path: str | Path, expected: str, limit: Limit = USUAL) -> bytes:
    """The bytes of a file, at least one; raises `DataError`. `~` is the user's folder.

    expected: what the file should be, in words for the error.
    """
    try:
        file = Path(path).expanduser()
        if file.exists() and not file.is_file():
            found = "a folder" if file.is_dir() else "not a regular file"
            raise DataError(f"{path}: is {found}, expected {expected}")
        if file.exists():
            limit.check(file.stat().st_size, str(path))
        raw = file.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: is not there (looked in {file.absolute().parent}), expected {expected}") from None
    except (OSError, ValueError, RuntimeError) as error:  # no permission; a NUL in the name; an unknown ~user
        raise DataError(f"{path}: can't be read ({reason(error)}), expected {expected}") from error
    if not raw:
        raise DataError(f"{path}: is empty, expected {expected}")
    return raw


def unzipped(raw: bytes, path: str | Path, limit: Limit = USUAL) -> bytes:
    """What the bytes of a file hold: `raw` itself, or what it holds if it is gzip'd; raises `DataError`."""
    return raw if not raw.startswith(GZIP) else Unzipped(raw, path, limit).read()


class Unzipped:
    """What the bytes of a file hold, gzip'd or not, to be read bit by bit; raises `DataError` where that goes wrong.

    More than `limit` allows is never read; a number of bytes that goes beyond it is refused before it is.
    """

    def __init__(self, raw: bytes, path: str | Path, limit: Limit) -> None:
        zipped = raw.startswith(GZIP)
        self._file = gzip.GzipFile(fileobj=io.BytesIO(raw)) if zipped else io.BytesIO(raw)
        self._path = path
        self._limit = Limit(limit.most if zipped else len(raw), limit.why)
        self._zipped = zipped
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer where the file ends; all that is left without a size."""
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        if self._zipped and size > CHUNK:
            self._limit.check(self._count + size, str(self._path))
        return self._counted(lambda: self._file.read(min(size, self._limit.most - self._count + 1)))

    def readline(self) -> bytes:
        """The bytes up to the end of the line."""
        return self._counted(lambda: self._file.readline(self._limit.most - self._count + 1))

    def to_the_end(self) -> None:
        """Read what is left, and forget it: only then it is certain that the file is whole."""
        while self.read(CHUNK):
            pass

    def _counted(self, part: Callable[[], bytes]) -> bytes:
        try:
            found = part()
        except (OSError, EOFError, zlib.error, MemoryError) as error:
            damaged = f"{self._path}: is a damaged gzip file ({reason(error)}), expected a whole one"
            raise DataError(damaged) from error
        self._count += len(found)
        self._limit.check(self._count, str(self._path))
        return found


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
