"""What a sync has brought to a server is owed to it no more: the marks in the runs' folders are told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from nnexp.tracking.copying import state_of
from nnexp.tracking.folder import run_files
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.served.marks import Marks


def settle(runs: Iterable[StoredRun], there: Collection[str], uri: str, experiment: str) -> None:
    """Tell the marks of those runs that are in folders, and have not changed since they were read.

    there: the ids, at their beginning, of those that the server has all of. One that can go on is told only if it was
    owed: it may go on without a word to the server.
    """
    over = {run.id: run for run in runs if run.store.plain and run.origin in there and run.status != "RUNNING"}
    for root in {run.store.address for run in over.values()}:
        marks = Marks(Path(root), uri, experiment)
        for run_id, folder in marks.unknown().items():
            word = marks.word(folder)
            if (run := over.get(run_id)) and (word or run.finished):
                now = run_files.read(run.store, folder)
                if now and (now.status, state_of(now)) == (run.status, state_of(run)):
                    marks.settle(folder, word)
