"""Runs in one file: a folder of runs in a zip, with a manifest by which every byte is verified before it is used."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any

from nnexp.errors import DataError, UsageError
from nnexp.runtime.owned_files import MARK, written
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.folder.run_files import BEAT, EPOCHS, RUN
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.syncing import Synced, sync

FORMAT = 1  # raised when earlier versions of nnexp could not read it
MANIFEST = "manifest.json"
FOLDER = "runs"  # in the archive
LONGEST_TEXT = 100_000_000  # bytes of what is read as a whole: the manifest has some 2,000 a run, a run 250 an epoch
TEXTS = (MANIFEST, RUN, EPOCHS, BEAT)
WHEN = (1980, 1, 1, 0, 0, 0)  # of every file, as early as a zip can say: the same runs are the same bytes
LEVEL = 6  # of compression
PIECE = 1 << 20  # bytes that are read at once
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Python unpacks others without a bound on what it holds
SMALL, DENSEST = 1 << 30, 50  # bytes that nobody minds; of more, so many may be one in the archive: runs come to ten
LINK = 0o120000  # in the mode of a file that is one


@dataclass(frozen=True)
class Listed:
    """What the manifest says of a file. size: in bytes."""

    size: int
    sha256: str


def export(file: Path, runs: Sequence[StoredRun], told: Callable[[StoredRun], object] = lambda _: None) -> Synced:
    """Write the runs, and summaries of sweeps, into an archive of this name; `UsageError` if a file has it.

    told: is called after each run.
    """
    if file.exists() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file}: expected a file that is not there yet, in a folder that is")
    with temporary_folder() as temporary:
        root = Path(temporary) / FOLDER
        synced = sync(runs, Folder(path=str(root)).open(), told)
        if synced.failed:
            raise UsageError(synced.failed)
        with written(file.absolute()) as opened:
            _write(opened, root, len(runs))
    return synced


def _write(opened: IO[bytes], root: Path, runs: int) -> None:
    contents = {path.relative_to(root.parent).as_posix(): _content(path) for path in _files(root)}
    listed = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in contents.items()}
    manifest = {"format": FORMAT, "nnexp": version("nnexp"), "runs": runs, "files": listed}
    with zipfile.ZipFile(opened, "w") as archive:
        for name, data in {MANIFEST: json.dumps(manifest, indent=1).encode(), **contents}.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, data, compresslevel=LEVEL)


def _files(root: Path) -> list[Path]:
    """The files of the store, but for marks: who unpacks the runs marks their folders anew."""
    return [path for path in sorted(root.rglob("*")) if path.is_file() and path.name != MARK]


def _content(path: Path) -> bytes:
    """What the file holds; a run's facts in an order that does not depend on the store that they come from."""
    data = path.read_bytes()
    return json.dumps(json.loads(data), indent=1, sort_keys=True).encode() if path.name == RUN else data


@contextmanager
def opened(file: Path) -> Iterator[FolderRuns]:
    """The runs in an archive, as a store to read while the block lasts.

    Raises `DataError` if anything in it is not what its manifest says, or could be written elsewhere than into the
    temporary folder.
    """
    with temporary_folder() as temporary:
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = _manifest(archive, file)
                _unpack(archive, manifest["files"], Path(temporary), file)
        except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise DataError(f"{file}: can't be read ({error}), expected an archive of `nnexp export`") from error
        store = FolderRuns(Path(temporary) / FOLDER)
        found = len(store.search()) + len(store.summaries())
        if found != manifest["runs"]:
            raise DataError(f"{file}: holds {found} runs that can be read, expected {manifest['runs']}")
        yield store


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    """What the manifest says, its files as `Listed`; all that can be told without reading the files is verified."""
    infos = {info.filename: info for info in archive.infolist()}
    if MANIFEST not in infos:
        raise DataError(f"{file}: has no {MANIFEST}, expected an archive of `nnexp export`")
    _refuse_bombs(archive, file)
    try:
        said = json.loads(archive.read(MANIFEST))
        if said["format"] != FORMAT:
            raise DataError(
                f"{file}: is of format {said['format']!r}, expected {FORMAT}; it was made by nnexp {said.get('nnexp')}"
            )
        runs, files = _whole(said["runs"]), {name: Listed(**facts) for name, facts in said["files"].items()}
        sizes = {name: _whole(listed.size) for name, listed in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{file}: its {MANIFEST} is damaged ({error!r})") from error
    if len(infos) != len(archive.infolist()):
        raise DataError(f"{file}: has two files of one name")
    if odd := sorted({*infos, MANIFEST} ^ {*files, MANIFEST}):
        raise DataError(f"{file}: {odd[0]} is not both in it and in its {MANIFEST}")
    for name, info in infos.items():
        if not _stays_within(name) or info.is_dir() or (info.external_attr >> 16) & 0o170000 == LINK:
            raise DataError(f"{file}: has {name!r}, expected files below {FOLDER}/")
        if name != MANIFEST and info.file_size != sizes[name]:
            raise DataError(f"{file}: {name} has {info.file_size} bytes, expected {sizes[name]}")
    return {"runs": runs, "files": files}


def _refuse_bombs(archive: zipfile.ZipFile, file: Path) -> None:
    """Raise `DataError` for an archive that would fill the memory or the disk, whatever its manifest says."""
    infos = archive.infolist()
    for info in infos:
        if info.compress_type not in METHODS:
            raise DataError(f"{file}: {info.filename!r} is compressed in another way than `nnexp export` does")
        if PurePosixPath(info.filename).name in TEXTS and info.file_size > LONGEST_TEXT:
            said = f"{info.filename!r} has {info.file_size:,} bytes"
            raise DataError(f"{file}: {said}, expected no more than {LONGEST_TEXT:,}")
    size, most = sum(info.file_size for info in infos), max(SMALL, DENSEST * file.stat().st_size)
    if size > most:
        raise DataError(f"{file}: comes to {size:,} bytes, expected no more than {most:,} of a file of its size")


def _whole(said: object) -> int:
    """A number of runs or bytes; `ValueError` for what is none."""
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        raise ValueError(f"got {said!r}, expected a whole number")
    return said


def _stays_within(name: str) -> bool:
    """Whether it is the manifest, or a plain path below the folder of runs."""
    parts = PurePosixPath(name).parts
    plain = name.isprintable() and "\\" not in name and ":" not in parts[0] and not name.startswith("/")
    below = len(parts) > 2 and parts[0] == FOLDER and not any(part.startswith(".") for part in parts)
    return name == MANIFEST or (plain and below)


def _unpack(archive: zipfile.ZipFile, files: Mapping[str, Listed], folder: Path, file: Path) -> None:
    """Write the files below a temporary folder, each verified."""
    size, free = sum(listed.size for listed in files.values()), shutil.disk_usage(folder).free
    if size > free:
        raise DataError(f"{file}: holds {size:,} bytes, expected no more than the {free:,} that are free in {folder}")
    (folder / FOLDER).mkdir()
    for name, listed in files.items():
        target, digest = folder / name, hashlib.sha256()
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, target.open("xb") as copy:
            while piece := source.read(PIECE):
                digest.update(piece)
                copy.write(piece)
        if digest.hexdigest() != listed.sha256:
            raise DataError(f"{file}: {name} has the SHA-256 {digest.hexdigest()}, expected {listed.sha256}")
