"""The one place that deletes files, or puts one in the place of another: only nnexp's own, by name.

A folder that nnexp writes into carries its mark, a small file that says whose it is: the key of a run, or `sweep`. What
is in a folder without one is somebody else's. No folder is ever deleted with what is in it.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from nnexp.errors import UsageError

MARK = ".nnexp"
PART = r"\.nnexp\.[0-9a-f]{8}\.part"  # of a mark; one that stays is of a process that was killed
SWEEP = "sweep"  # the owner of a folder that holds the folders of a sweep's jobs
RUNS = "runs"  # the owner of a folder that is a run store
LOG = "run.log"
NO_FILE = "(?!)"  # an expression that matches no name: what is discarded is the mark alone
TRIES = 5  # at making a folder whose parent another process may tidy up at this very moment
SHOWN = 3  # names of files that are in the way


def marked(folder: Path) -> str:
    """Whose the folder is by its mark; empty if it has none."""
    mark = folder / MARK
    try:
        return "" if mark.is_symlink() else mark.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def is_free(folder: Path, beside: Container[str] = ()) -> bool:
    """Whether nothing is in the folder but a mark and what is named `beside`, or there is no such folder."""
    return not _others(folder, beside)


def take(folder: Path, owner: str, beside: Container[str] = ()) -> bool:
    """Make the folder, if it is not there, and mark it as the owner's; whether it was nobody's before.

    beside: names of what may be in it already. Raises `UsageError` if it is another's, or holds anything else.
    """
    found = marked(folder)
    if not found and (others := _others(folder, beside)):
        raise UsageError(f"{folder}: holds {', '.join(others[:SHOWN])}, expected a folder that is new or empty")
    if not found and _make(folder, owner):
        return True
    if (found := marked(folder)) != owner:
        raise UsageError(f"{folder}: holds files of {_of(found)}, expected one that is new, empty or of {_of(owner)}")
    return False


@contextmanager
def taken(folder: Path, owner: str, beside: Container[str] = ()) -> Iterator[None]:
    """Take the folder for a block, and leave it as it was if nothing but a log was written into it. See `take`."""
    had_log = (folder / LOG).exists()
    new = take(folder, owner, beside)
    try:
        yield
    finally:
        if new and is_free(folder, () if had_log else (LOG,)):
            discard(folder, owner, re.escape(LOG))


def adopt(folder: Path, owner: str) -> None:
    """Mark a folder that nnexp has made when it did not mark any yet; who calls this knows that it has."""
    if not marked(folder):
        _make(folder, owner)


def discard(folder: Path, owner: str, names: str) -> None:
    """Delete the owner's files whose whole names match the expression, and the mark if nothing else is left.

    Does nothing where the mark is another's, or the folder is a link to one. Links and folders in it stay.
    """
    if folder.is_symlink() or marked(folder) != owner:
        return
    for file in list(folder.iterdir()):
        if re.fullmatch(names, file.name) and file.is_file() and not file.is_symlink():
            file.unlink(missing_ok=True)
    if is_free(folder):
        (folder / MARK).unlink(missing_ok=True)


def forget_empty(folder: Path, top: Path) -> None:
    """Remove the folder if nothing is in it, and those above it up to `top`, which is one that nnexp has made."""
    with suppress(OSError):  # something is in it
        for path in (folder, *folder.parents):
            if not path.is_relative_to(top):
                return
            with suppress(FileNotFoundError):  # somebody else was faster
                path.rmdir()


def set_aside(folder: Path, owner: str, place: Path) -> bool:
    """Move the owner's folder, with all that is in it, into another, from where it can be moved back.

    Whether it was moved: one that is a link, or carries another's mark or none, stays.
    """
    if not owner or marked(folder) != owner or folder.is_symlink():
        return False
    place.mkdir(exist_ok=True)
    folder.rename(place / folder.name)
    return True


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into that gets the name `path` when the block ends well: it is whole, or as it was before."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def made(path: Path, *companions: str) -> Iterator[Path]:
    """A name to make a file under, which is called `path` when the block ends well, unless a file is by then.

    companions: endings of files that may stand beside it while it is made, such as a database's journal.
    """
    part = path.with_name(f".{path.name}.part")
    half = [part, *(part.with_name(f"{part.name}{ending}") for ending in companions)]
    try:
        for left in half:  # by a process that was killed in such a block
            left.unlink(missing_ok=True)
        yield part
        _call(part, path)
    finally:
        for left in half:
            left.unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """Write a text file, UTF-8, that is whole or as it was before."""
    with written(path) as file:
        file.write(text.encode())


def _others(folder: Path, beside: Container[str]) -> list[str]:
    """What is in the folder but its mark and what is named `beside`."""
    mark = re.escape(MARK) if marked(folder) else ""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.name not in beside)
    except FileNotFoundError:
        return []
    return [name for name in names if not re.fullmatch(f"{mark}|{PART}", name)]


def _make(folder: Path, owner: str) -> bool:
    """Make the folder with its mark; whether it was us who marked it."""
    for left in reversed(range(TRIES)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _mark(folder, owner)
        except FileNotFoundError:
            if not left:
                raise
    return False


def _mark(folder: Path, owner: str) -> bool:
    """Put the owner's mark into the folder, whole at once; whether none was there before."""
    part = folder / f"{MARK}.{uuid.uuid4().hex[:8]}.part"
    try:
        with part.open("x") as file:
            file.write(owner)
        return _call(part, folder / MARK)
    finally:
        part.unlink(missing_ok=True)


def _call(part: Path, path: Path) -> bool:
    """Give the file that name too, unless another has it; whether it has got it."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # of a file system where a file has one name
        if path.exists() or path.is_symlink():
            return False
        part.replace(path)
    return True


def _of(owner: str) -> str:
    return {SWEEP: "a sweep", RUNS: "a run store"}.get(owner, f"the run {owner[:12]}")
