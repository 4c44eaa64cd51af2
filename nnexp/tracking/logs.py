"""The log of a run over all of its starts: one that goes on after it was killed has a folder, and a log, for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from nnexp.runtime.heartbeat import this_process
from nnexp.runtime.owned_files import LOG, marked
from nnexp.tracking.recording import Record
from nnexp.tracking.tags import CHECKPOINT_FOLDER

FOLDERS = "nnexp.folders"  # a tag: the folders of the run's starts, a line each, the first first
LONGEST = 5000  # characters of a tag that every store of MLflow's takes


def start_tags(record: Record, before: Mapping[str, str]) -> dict[str, str]:
    """The tags that each start of a run writes anew. before: those of the run so far."""
    checkpoints = {name: value for name, value in record.tags.items() if name == CHECKPOINT_FOLDER}
    return this_process() | checkpoints | {FOLDERS: with_start(before, record.folder)}


def with_start(tags: Mapping[str, str], folder: Path) -> str:
    """The tag of a run that starts, or goes on, with its files in this folder."""
    folders = dict.fromkeys([*tags.get(FOLDERS, "").splitlines(), str(folder)])
    text = "\n".join(folders)
    return text[-LONGEST:].partition("\n")[2] if len(text) > LONGEST else text


def logs_here(tags: Mapping[str, str], key: str) -> list[str]:
    """What the run's starts have logged, as far as their folders are here.

    A tag may come from a shared server: of the folders that it names, those alone are read that the run has marked.
    """
    folders = [Path(line) for line in tags.get(FOLDERS, "").splitlines()]
    return [_text(folder / LOG) for folder in folders if key and marked(folder) == key]


def joined(stored: str, starts: Iterable[str]) -> str:
    """What is stored already, and what it lacks of the logs of these starts.

    A line has its time to the millisecond, so the first line of a start tells whether its log is in there.
    """
    for start in starts:
        if start.partition("\n")[0] not in stored:
            stored += start
    return stored


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # nothing was logged, or it is gone
        return ""
