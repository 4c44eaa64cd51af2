"""Where runs keep their checkpoints in the folder of the command, and tidying there when runs have ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nnexp.errors import Diverged, in_a_line
from nnexp.runtime import owned_files
from nnexp.tracking.run_store import CHECKPOINTS as STORED
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import CHECKPOINT_FOLDER, KEY
from nnexp.train import checkpoints

log = logging.getLogger(__name__)

CHECKPOINTS = Path("outputs/checkpoints")
KEY_DIGITS = 16  # of a run's key, which the name of its folder begins with


def new_folder(key: str, run_folder: Path) -> Path:
    """Where a run that starts, and writes its files into that folder, is to keep its checkpoints."""
    return CHECKPOINTS.absolute() / f"{key[:KEY_DIGITS]}-{run_folder.name}"


def folder_of(run: StoredRun | None, key: str) -> Path | None:
    """Where an earlier start of the run with this key has left its checkpoints, if that is here.

    A tag may come from a shared server, so it can only name a folder among the checkpoints of this folder, which is no
    link and is the run's by its mark, or, before there were marks, by its name.
    """
    known = Path(run.tags.get(CHECKPOINT_FOLDER, "")) if run else Path()
    if known.is_symlink() or not known.is_dir() or known.resolve().parent != CHECKPOINTS.resolve():
        return None
    folder = CHECKPOINTS.absolute() / known.resolve().name
    if folder.name.startswith(f"{key[:KEY_DIGITS]}-"):
        owned_files.adopt(folder, key)
    return folder if owned_files.marked(folder) == key else None


def fetch(run: StoredRun, folder: Path) -> None:
    """Copy the checkpoint that was uploaded, if any, to where there is none: the run began on another machine."""
    if checkpoints.newest_first(folder.glob("*")) or not run.has_artifact(STORED):
        return
    owned_files.take(folder, run.tags[KEY])
    with run.artifact(STORED) as copies:
        for copy in checkpoints.newest_first(copies.glob("*")):
            with owned_files.written(folder / copy.name) as file:
                file.write(copy.read_bytes())


def discard(folder: Path, key: str) -> None:
    """Delete the checkpoints of a run that needs them no more; and what is empty then."""
    checkpoints.discard(folder, key)
    owned_files.forget_empty(folder, CHECKPOINTS.absolute())


@contextmanager
def kept(folder: Path, key: str, pruned: Callable[[], bool] = bool) -> Iterator[None]:
    """Keep a run's checkpoints until the block ends well; or the run has diverged, as it would again.

    pruned: tells, when it has ended well, whether it can be gone on with all the same.
    """
    try:
        yield
    except Diverged:
        discard(folder, key)
        raise
    if not pruned():
        discard(folder, key)


def tidy(store: RunStore) -> None:
    """Delete the checkpoints here of finished runs, whose processes were killed before they could."""
    for folder in list(CHECKPOINTS.absolute().glob("*")):
        try:
            key = owned_files.marked(folder)
            run = store.find(key) if key else None
            if run and run.finished and folder_of(run, key) == folder:
                discard(folder, key)
        except Exception as error:  # of a store that is gone, say; the run has ended all the same
            log.debug("%s stays: %s", folder, in_a_line(error))
    owned_files.forget_empty(CHECKPOINTS.absolute(), CHECKPOINTS.absolute())
