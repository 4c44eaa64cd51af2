"""Checks of what processes that were killed have left: in the store, in the command's folder, in temporary ones."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from nnexp.doctor.finding import Examined, Finding
from nnexp.errors import redacted
from nnexp.printable import counted
from nnexp.runner.checkpoint_folders import CHECKPOINTS
from nnexp.runtime.owned_files import marked
from nnexp.runtime.temporary import PREFIX
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.run_store import ID
from nnexp.tracking.served.marks import Marks

OLD_SECONDS = 3600.0  # nothing that takes longer writes under another name first
SHOWN = 3
DATABASE_PARTS = (".*.db.part", ".*.db.part-journal")  # of a store that was being made
FILE_PARTS = (".*.part",)


def check_dead_runs(examined: Examined) -> Iterator[Finding]:
    """Runs that say RUNNING, and no process trains them."""
    dead = [run for run in examined.store.search(status="RUNNING") if run.dead]
    if dead:
        cure = "the same commands go on with them, and `nnexp runs --mark-dead` sets them to KILLED"
        ids = ", ".join(run.id[:8] for run in dead[:SHOWN])
        said = f"{counted(len(dead), 'run')} {'say' if len(dead) > 1 else 'says'} RUNNING without a process ({ids})"
        yield Finding("runs", said, cure)
    else:
        yield Finding("runs", "none says RUNNING whose process is gone")


def check_checkpoints(examined: Examined) -> Iterator[Finding]:
    """Checkpoints here of runs that are finished."""
    kept = {key: folder for folder in sorted((examined.here / CHECKPOINTS).glob("*")) if (key := marked(folder))}
    known = examined.store.find_all(list(kept)) if kept else {}
    left = [kept[key] for key, run in known.items() if run.finished]
    if left:
        said = f"{counted(len(left), 'folder')} of finished runs ({_named(left)})"
        yield Finding("checkpoints", said, "the end of the next run here deletes them")
    else:
        yield Finding("checkpoints", "none here of finished runs")


def check_waiting(here: Path, uri: str, experiment: str) -> Iterator[Finding]:
    """Runs here that were trained for this server, or database, and are not there yet."""
    root = (here / USUAL).absolute()
    owed = Marks(root, uri, experiment).owed() if root.is_dir() else []
    waiting = [folder.name for folder in owed if ID.match(folder.name)]
    if waiting:
        named = ", ".join(name[:8] for name in waiting[:SHOWN]) + (", ..." if len(waiting) > SHOWN else "")
        said = f"{counted(len(waiting), 'run')} in {USUAL} {'wait' if len(waiting) > 1 else 'waits'} for it ({named})"
        cure = f"`nnexp sync {USUAL} --to {redacted(uri)}` brings what has ended there, and so does the next run here"
        yield Finding("waiting", said, cure)
    else:
        yield Finding("waiting", f"no run in {USUAL} waits to be brought there")


def check_halves(here: Path, now: float) -> Iterator[Finding]:
    """Databases and files here that were being made when their process was killed."""
    databases = _old(here, DATABASE_PARTS, now)
    files = _old(here / "outputs", FILE_PARTS, now, "**/")
    for what, found in (("database", databases), ("file", files)):
        if found:
            yield Finding("half-made", f"{counted(len(found), what)} ({_named(found)})", "delete what is named so")
    if not databases and not files:
        yield Finding("half-made", "no database or file here")


def check_temporary(place: Path, now: float) -> Iterator[Finding]:
    """Folders in the place of temporary ones that nnexp has left."""
    left = _old(place, (f"{PREFIX}*",), now)
    if left:
        said = f"{counted(len(left), 'folder')} of nnexp's in {place} ({_named(left)})"
        yield Finding("temporary", said, "delete what is named so, if no nnexp runs")
    else:
        yield Finding("temporary", f"no folder of nnexp's left in {place}")


def left_here(here: Path) -> Iterator[Finding]:
    """What can be told without a store."""
    now = time.time()
    yield from check_halves(here, now)
    yield from check_temporary(Path(tempfile.gettempdir()), now)


def _old(place: Path, patterns: tuple[str, ...], now: float, below: str = "") -> list[Path]:
    """What is there by these names, and was not changed for a while."""
    found = sorted(path for pattern in patterns for path in place.glob(f"{below}{pattern}"))
    return [path for path in found if not path.is_symlink() and now - path.lstat().st_mtime > OLD_SECONDS]


def _named(paths: list[Path]) -> str:
    return ", ".join(path.name for path in paths[:SHOWN]) + (", ..." if len(paths) > SHOWN else "")
