"""The contract of a run store, for a server: a folder of runs, which the server is brought up to date with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nnexp.errors import TrackingError
from nnexp.runtime.owned_files import NO_FILE, RUNS, discard, forget_empty
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.folder.sweep_summary import FolderSweepSummary
from nnexp.tracking.recording import Record, Recorder, Results
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.served.mirror import mirror_of
from nnexp.tracking.tags import SWEEP
from nnexp.train.events import Ended, Event, Started, Status


class ServedRuns(FolderRuns):
    """The runs of one experiment of a server, in a folder of this machine.

    What is looked for is fetched from the server if that has it and is prompt, once. All else is the folder's.
    """

    def __init__(self, root: Path, uri: str, experiment: str) -> None:
        super().__init__(root)
        self.address = uri
        self._mirror = mirror_of(root, uri, experiment)
        self._asked: set[str] = set()

    def find_all(self, keys: Sequence[str]) -> dict[str, StoredRun]:
        found = super().find_all(keys)
        if unknown := [key for key in keys if self._is_to_be_asked(key, found.get(key))]:
            self._asked |= set(unknown)
            self._fetch(unknown)
            found = super().find_all(keys)
        for run in found.values():
            self._mirror.marks.owe_unless_known(self._folder(run.id))
        return found

    def _fetch(self, keys: Sequence[str]) -> None:
        """See `Mirror.fetch`; where the server refuses, a folder that has no run yet goes again."""
        try:
            self._mirror.fetch(keys)
        except TrackingError:
            discard(self._root, RUNS, NO_FILE)
            forget_empty(self._root, self._root.parent)
            raise

    def _is_to_be_asked(self, key: str, run: StoredRun | None) -> bool:
        """Whether the server may know more of it: a run that is trained elsewhere is asked for again and again."""
        if run is None or not run.finished:
            return key not in self._asked or (run is not None and run.alive)
        return False

    def recorder(self, record: Record, run: StoredRun | None) -> ServedRecorder:
        return ServedRecorder(super().recorder(record, run), self, ends=SWEEP not in record.tags)

    def sweep_summary(self, sweep: str) -> ServedSweepSummary:
        return ServedSweepSummary(self._root, sweep, self._owe_folder, self._mirror.finish)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        super().tag(run_id, tags)
        self.owe(run_id)

    def set_status(self, run_id: str, status: Status) -> None:
        super().set_status(run_id, status)
        self.owe(run_id)

    def owe(self, run_id: str) -> None:
        """Have the run brought to the server, by a process that is there from now on."""
        self._owe_folder(self._folder(run_id))

    def finish(self) -> None:
        """Nothing more will be written by this command."""
        self._mirror.finish()

    def whereabouts(self, run_id: str) -> list[str]:
        here = super().whereabouts(run_id)
        return [*here[:-1], *self._mirror.look.get(run_id, here[-1:])]

    def _owe_folder(self, folder: Path) -> None:
        self._mirror.marks.owe(folder)
        self._mirror.start()


class ServedRecorder:
    """A recorder in the folder; see `Recorder`. ends: whether the command has no other run than this."""

    def __init__(self, recorder: Recorder, store: ServedRuns, ends: bool) -> None:
        self._recorder = recorder
        self._store = store
        self._ends = ends

    def __call__(self, event: Event) -> None:
        try:
            self._recorder(event)
        finally:
            if self.run_id and isinstance(event, Started | Ended):
                self._store.owe(self.run_id)
            if self._ends and isinstance(event, Ended):
                self._store.finish()

    @property
    def run_id(self) -> str:
        return self._recorder.run_id

    def keep(self, file: Path) -> None:
        self._recorder.keep(file)
        self._store.owe(self.run_id)


class ServedSweepSummary(FolderSweepSummary):
    """The summary of a sweep in the folder. owe: has a folder brought to the server. finish: ends the mirror."""

    def __init__(self, root: Path, sweep: str, owe: Callable[[Path], None], finish: Callable[[], None]) -> None:
        super().__init__(root, sweep)
        self._owe, self._finish = owe, finish

    def begin(self, over: Sequence[str], more: bool) -> None:
        super().begin(over, more)
        self._owe(self._folder)

    def end(self, status: Status, results: Results, over: Sequence[str]) -> None:
        super().end(status, results, over)
        self._owe(self._folder)
        self._finish()
