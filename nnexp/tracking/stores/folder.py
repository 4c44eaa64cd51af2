"""Runs remembered in a folder of plain files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nnexp.component import Rule, setting
from nnexp.errors import TrackingError
from nnexp.runtime.owned_files import NO_FILE, RUNS, discard, forget_empty, is_free, marked, take
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.stores.base import Tracking

if TYPE_CHECKING:
    from nnexp.tracking.folder.run_store import FolderRuns


@dataclass
class Folder(Tracking):
    """Plain files, a folder for each run, without MLflow."""

    kind: str = "folder"
    path: str = setting(
        USUAL,
        help="of the folder that holds the runs",
        rule=Rule("the name of a folder", lambda value: isinstance(value, str) and value != ""),
        counts=False,
    )

    @property
    def is_there(self) -> bool:
        """Whether the folder is such a store."""
        return marked(Path(self.path)) == RUNS

    def open(self, make: bool = True) -> FolderRuns:
        from nnexp.tracking.folder.run_store import FolderRuns

        root = Path(self.path).absolute()
        try:
            if not self.is_there and not (make and is_free(root)):
                raise TrackingError(f"tracking.path: got {self.path!r}, expected {self._expected(make)}")
            take(root, RUNS)
        except OSError as error:
            raise TrackingError(f"tracking.path: {root} can't be made ({error.strerror})") from error
        return FolderRuns(root)

    def forget_empty(self) -> None:
        root = Path(self.path).absolute()
        discard(root, RUNS, NO_FILE)
        forget_empty(root, root.parent)

    @staticmethod
    def _expected(make: bool) -> str:
        return "a folder that is new, empty or holds runs" if make else "a folder that holds runs"
