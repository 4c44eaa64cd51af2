"""What a queue says of itself: by which command it was made, in which folder, and by which versions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nnexp.errors import UsageError
from nnexp.launch.pulling.queue import Queue
from nnexp.runtime import owned_files

FOLDER = Path("outputs") / "sweeps"  # of all of a folder's sweeps, each in one of its own
FILE = "queue.json"
FORMAT = 1


@dataclass(frozen=True)
class QueueFile:
    """words: of the command. folder: in which it was typed. versions: of what it was made by, by name.

    more: whether jobs go on being put as others end, as a search's are: only its command knows which.
    """

    words: tuple[str, ...]
    folder: Path
    versions: dict[str, str]
    more: bool = False


def versions() -> dict[str, str]:
    """Of what a job's numbers, and its files, depend on."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"nnexp": version("nnexp"), "numpy": version("numpy"), "Python": python}


def queue_of(name: str) -> Queue:
    """The queue of the sweep of that name in this folder, there or not."""
    if name.startswith("."):
        raise UsageError(f"sweep.name: got {name!r}, expected no . at its beginning")
    return Queue(FOLDER.absolute() / name)


def write(queue: Queue, words: Sequence[str], more: bool = False) -> None:
    """Say in the queue's folder that this command is at it."""
    content: dict[str, Any] = {"format": FORMAT, **versions(), "words": list(words), "more": more}
    content["folder"] = os.path.relpath(Path.cwd(), queue.folder)
    owned_files.write(queue.folder / FILE, json.dumps(content, indent=2))


def read(queue: Queue) -> QueueFile:
    """What the queue says; raises `UsageError` if there is none, or one that is not for this version of nnexp."""
    path = queue.folder / FILE
    try:
        content = json.loads(path.read_text())
        if content["format"] != FORMAT:
            raise UsageError(f"{path}: got format {content['format']}, expected {FORMAT}, of this version of nnexp")
        made_by = {name: str(content[name]) for name in versions()}
        folder, own = (queue.folder / content["folder"]).resolve(), _working_folder(queue)
        if folder != own:
            raise UsageError(f"{path}: got folder {content['folder']}, expected {own}, in whose outputs it is")
        return QueueFile(_words(content["words"]), folder, made_by, content.get("more") is True)
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise UsageError(f"{queue.folder}: is no sweep's folder, expected one such as {FOLDER}/NAME") from error


def _working_folder(queue: Queue) -> Path:
    """The folder in which the command was typed: that above `FOLDER`, which the queue is in."""
    return queue.folder.resolve().parents[len(FOLDER.parts)]


def _words(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise TypeError("words: expected a list of texts")
    return tuple(found)


def check_versions(found: QueueFile, who: str) -> None:
    """Raise `UsageError` if another nnexp, numpy or Python is here than made the queue. who: is refused."""
    here = versions()
    other = [f"{name} {here[name]}, expected {made}" for name, made in found.versions.items() if here[name] != made]
    if other:
        raise UsageError([f"{who}: got {each}, which the sweep was begun with" for each in other])
