"""Which runs of a folder a server lacks: marks in the runs' folders, which no copy takes along."""

from __future__ import annotations

import hashlib
import re
import uuid
from pathlib import Path

from nnexp.runtime.locks import lock
from nnexp.runtime.owned_files import discard, marked, write
from nnexp.tracking.folder import run_files
from nnexp.tracking.run_store import ID


class Marks:
    """The marks for one experiment of one server. A run is owed from its first word on, until the server has all of it.

    A mark holds a word that each change of the run makes anew: what was copied before the change settles nothing.
    """

    def __init__(self, root: Path, uri: str, experiment: str) -> None:
        which = hashlib.sha256(f"{uri} {experiment}".encode()).hexdigest()[:12]
        self._root = root
        self._owed, self._there = f".to-{which}", f".on-{which}"

    def owe(self, folder: Path) -> None:
        """Say that the server lacks something of the run, or summary, in this folder."""
        with lock(f"marks {self._root}"):
            write(folder / self._owed, uuid.uuid4().hex)

    def owe_unless_known(self, folder: Path) -> None:
        """The same, unless the run is owed already, or there: it may have been kept for no server at all."""
        if not (folder / self._owed).exists() and not (folder / self._there).exists():
            self.owe(folder)

    def came_from_there(self, folder: Path) -> None:
        """Say that the server has this run, which was fetched from it."""
        write(folder / self._there, "")

    def owed(self) -> list[Path]:
        """The folders of what the server lacks."""
        return [folder for folder in run_files.folders(self._root) if (folder / self._owed).exists()]

    def unknown(self) -> dict[str, Path]:
        """The folders of runs, by id, of which nobody has said that the server has all of them."""
        found = {id_[0]: folder for folder in run_files.folders(self._root) if (id_ := ID.match(folder.name))}
        return {run_id: each for run_id, each in found.items() if self.word(each) or not (each / self._there).exists()}

    def word(self, folder: Path) -> str:
        """What its mark says now; empty if it has none."""
        try:
            return (folder / self._owed).read_text()
        except FileNotFoundError:
            return ""

    def settle(self, folder: Path, word: str) -> None:
        """Say that the server has all of the run, as it was when its mark said that word."""
        with lock(f"marks {self._root}"):
            if self.word(folder) == word:
                write(folder / self._there, word)
                discard(folder, marked(folder), re.escape(self._owed))
