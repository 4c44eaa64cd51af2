"""The contract of a run store, kept by a folder: it holds one for each run, named by the run's id and key."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from math import isnan
from pathlib import Path

from nnexp.errors import UsageError
from nnexp.runtime.owned_files import set_aside
from nnexp.tracking.contents import Contents
from nnexp.tracking.folder import run_files, transfer
from nnexp.tracking.folder.address import command
from nnexp.tracking.folder.recorder import KEY_DIGITS, FolderRecorder
from nnexp.tracking.folder.sweep_summary import SWEEPS, FolderSweepSummary, summary_folder
from nnexp.tracking.folder.trial import FolderTrial, folder_trial
from nnexp.tracking.recording import Record, Recorder
from nnexp.tracking.run_facts import lacking
from nnexp.tracking.run_store import Curves, RunStore, StoredRun
from nnexp.tracking.tags import KEY, SUMMARY, member
from nnexp.train.events import Status

REMOVED = "removed"  # the folder among the runs that those are moved into which are taken out
ID_DIGITS = 32
RUN_FOLDER = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}-[0-9a-f]{{{KEY_DIGITS}}}")


class FolderRuns(RunStore):
    """The runs in one folder."""

    filters = False
    plain = True

    def __init__(self, root: Path) -> None:
        self._root = root
        self.address = str(root)
        self.identity = f"folder {root}"

    def find_all(self, keys: Sequence[str]) -> dict[str, StoredRun]:
        wanted, ends = set(keys), {key[:KEY_DIGITS] for key in keys}
        found = sorted(self._runs(ends=ends), key=lambda run: (run.finished, run.started))
        return {key: run for run in found if (key := run.tags.get(KEY)) in wanted}

    def search(self, condition: str = "", status: str = "") -> list[StoredRun]:
        found = [run for run in self._runs() if status in ("", run.status)]
        return sorted(found, key=lambda run: run.started, reverse=True)

    def members(self, sweep: str) -> list[StoredRun]:
        return [run for run in self.search() if run.tags.get(member(sweep)) == "yes"]

    def beginning(self, run_id: str) -> list[StoredRun]:
        return self._runs(beginning=run_id)

    def removed(self, run_id: str) -> str:
        place = self._root / REMOVED
        for folder in run_files.folders(place, beginning=run_id) if place.is_dir() else ():
            return f"run {folder.name[:ID_DIGITS]} is removed; move {folder} back into {self._root} to have it again"
        return ""

    def summaries(self) -> list[StoredRun]:
        found = [run_files.read(self, folder) for folder in run_files.folders(self._root, beginning=SWEEPS)]
        whole = [run for run in found if run and SUMMARY in run.tags]
        return sorted(whole, key=lambda run: run.started, reverse=True)

    def curves(self, run_ids: Sequence[str], metrics: Sequence[str]) -> dict[str, Curves]:
        curves: dict[str, Curves] = {metric: {run_id: {} for run_id in run_ids} for metric in metrics}
        places = {folder.name[:ID_DIGITS]: folder for folder in run_files.folders(self._root)} if run_ids else {}
        for run_id in run_ids:
            if run_id not in places:  # removed a moment ago
                continue
            for epoch, values in sorted(run_files.points(places[run_id]).items()):
                for metric in metrics:
                    if not isnan(value := values.get(metric, float("nan"))):
                        curves[metric][run_id][epoch] = value
        return curves

    def recorder(self, record: Record, run: StoredRun | None) -> Recorder:
        return FolderRecorder(self._root, record, run)

    def sweep_summary(self, sweep: str) -> FolderSweepSummary:
        return FolderSweepSummary(self._root, sweep)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        run_files.update(self._folder(run_id), tags)

    def trial(self) -> AbstractContextManager[FolderTrial]:
        return folder_trial(self._root)

    def set_status(self, run_id: str, status: Status) -> None:
        run_files.update(self._folder(run_id), status=status)

    def remove(self, run_id: str) -> bool:
        """Move its folder away, from where it can be moved back."""
        folder = self._folder(run_id)
        run = run_files.read(self, folder)
        return run is not None and set_aside(folder, run.tags.get(KEY, ""), self._root / REMOVED)

    @contextmanager
    def artifact(self, run: StoredRun, path: str) -> Iterator[Path]:
        file = self._folder_of(run) / path
        if not file.exists():
            raise UsageError(lacking(run, path, "it is not there"))
        yield file

    def has_artifact(self, run_id: str, path: str) -> bool:
        return (self._folder(run_id) / path).exists()

    def files_of(self, run_id: str) -> str:
        return str(self._folder(run_id))

    def model(self, run: StoredRun) -> None:
        return None

    def contents(self, run: StoredRun) -> Contents:
        return transfer.contents(self._folder_of(run), run)

    def receive(self, run: StoredRun, contents: Contents, known: StoredRun | None, state: str) -> str:
        return transfer.receive(self._root, run, contents, known, state)

    def removed_ids(self) -> set[str]:
        place = self._root / REMOVED
        return {folder.name[:ID_DIGITS] for folder in run_files.folders(place)} if place.is_dir() else set()

    def whereabouts(self, run_id: str) -> list[str]:
        return [f"run     {run_id}", f"stored  {self._folder(run_id)}", f"look    {command(self._root, 'runs')}"]

    def experiments(self) -> list[str]:
        return []

    def other(self, experiment: str) -> RunStore:
        raise UsageError(f"experiment: got {experiment!r}, but a folder of runs has no experiments")

    def _runs(self, beginning: str = "", ends: Container[str] | None = None) -> list[StoredRun]:
        """The runs whose folders' names begin so. ends: what their names end with, behind a hyphen."""
        folders = run_files.folders(self._root, beginning, ends)
        found = (run_files.read(self, folder) for folder in folders if RUN_FOLDER.fullmatch(folder.name))
        return [run for run in found if run]

    def _folder_of(self, run: StoredRun) -> Path:
        """The folder of the run, or of a sweep's summary, by its name: looking for it reads the names of all."""
        if sweep := run.tags.get(SUMMARY):
            return summary_folder(self._root, sweep)
        named = self._root / f"{run.id}-{run.tags.get(KEY, '')[:KEY_DIGITS]}"
        return named if RUN_FOLDER.fullmatch(named.name) and named.is_dir() else self._folder(run.id)

    def _folder(self, run_id: str) -> Path:
        """The folder of the run with exactly this id."""
        return next(run_files.folders(self._root, beginning=f"{run_id}-"), self._root / run_id)
