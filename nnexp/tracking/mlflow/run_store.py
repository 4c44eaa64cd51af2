"""What an MLflow store knows of earlier runs, and the order of precedence when a run is started again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout
from mlflow.entities import RunTag

from nnexp.errors import ConfigError, redacted
from nnexp.runtime.files import take, written
from nnexp.runtime.heartbeat import HOST, PROCESS, this_process
from nnexp.runtime.locks import lock
from nnexp.tracking.contract import Record, members_filter, membership
from nnexp.tracking.mlflow.chosen import metrics_of
from nnexp.tracking.mlflow.recorder import CHECKPOINTS, MLflowRecorder, whereabouts
from nnexp.tracking.mlflow.runs import KEY, StoredRun, find, search
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.sweep_summary import SweepSummary
from nnexp.tracking.mlflow.ui.links import sweep_addresses, sweep_pages
from nnexp.tracking.mlflow.ui.server import page
from nnexp.tracking.mlflow.ui.views import COLOR, PALETTE
from nnexp.train.checkpoints import newest_first

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


class Memory:
    """The runs of one experiment in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def store(self) -> Store:
        """Where they are."""
        return self._store

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """While it lasts, no other process of this machine trains the run with this key; waits for one that does."""
        turn = lock(f"{self._store.uri} {self._store.experiment_id} {key}")
        try:
            turn.acquire(timeout=0.2)
        except Timeout:
            log.info("another process is training this very run: waiting for it")
            turn.acquire()
        try:
            yield
        finally:
            turn.release()

    def earlier(self, key: str, resume: str) -> StoredRun | None:
        """The run that a start with this key goes by.

        1. a finished one: nothing is left to do;
        2. an unfinished one whose process is dead: it goes on;
        3. one that is alive on another machine: it is waited for, then as above;
        4. none: a new run.

        resume: `auto` is that order, `never` always a new run; with `require`, none is a `ConfigError`.
        """
        if resume == "never":
            return None
        told = False
        while (found := find(self._store, key)) and found.alive and not _is_ours(found):
            if not told:
                log.info("run %s is being trained on another machine: waiting for it", found.id)
                told = True
            time.sleep(LOOK_AGAIN_SECONDS)
        if found is None and resume == "require":
            raise ConfigError(
                [f"resume: got 'require', but {redacted(self._store.uri)} has no run with these settings"]
            )
        return found

    def join(self, run: StoredRun, sweep: str | None, group: int) -> None:
        """Make a run that is there already one of this sweep's too; a colour that its user has chosen stays."""
        new = {name: value for name, value in membership(sweep, group).items() if run.tags.get(name) != value}
        if run.tags.get(COLOR, PALETTE[0]) not in PALETTE:
            new.pop(COLOR, None)
        if new:
            self._store.client.log_batch(run.id, tags=[RunTag(name, value) for name, value in new.items()])

    def recorder(self, record: Record, run: StoredRun | None) -> MLflowRecorder:
        """The listener that writes a new run, or goes on with this one."""
        return MLflowRecorder(self._store, record, run.run if run else None)

    def whereabouts(self, run: StoredRun) -> list[str]:
        """The run's id, and how to look at it in MLflow's UI."""
        return whereabouts(self._store, run.id)

    def known(self, key: str) -> StoredRun | None:
        """The run with this key, whatever became of it."""
        return find(self._store, key)

    def members(self, sweep: str) -> list[StoredRun]:
        """All runs of the sweep."""
        return search(self._store, members_filter(sweep))

    def metrics(self, runs: Sequence[StoredRun]) -> dict[str, dict[str, float]]:
        """What the runs have measured, by their ids: the last value of each metric."""
        return metrics_of(self._store, runs)

    def sweep_summary(self, sweep: str) -> SweepSummary:
        """The run that sums up the sweep."""
        return SweepSummary(self._store, sweep)

    def sweep_addresses(self, sweep: str, summary_id: str, over: Sequence[str]) -> dict[str, str]:
        """Where MLflow's UI shows a sweep, by what is to be seen there."""
        return sweep_addresses(self._store, sweep, summary_id, over)

    def sweep_pages(self, sweep: str, summary_id: str, over: Sequence[str]) -> dict[str, str]:
        """The same within the UI, as a note links to them."""
        return sweep_pages(self._store, sweep, summary_id, over)

    def file_page(self, run_id: str, file: str) -> str:
        """The page of one of a run's files within the UI."""
        return page(self._store, run_id, file)

    def fetch_checkpoints(self, run: StoredRun, folder: Path) -> None:
        """Copy the checkpoint that was uploaded, if any, to where there is none: the run began on another machine."""
        if newest_first(folder.glob("*")) or not run.has_artifact(CHECKPOINTS):
            return
        take(folder, run.tags[KEY])
        with run.artifact(CHECKPOINTS) as copies:
            for copy in newest_first(copies.glob("*")):
                with written(folder / copy.name) as file:
                    file.write(copy.read_bytes())


def _is_ours(run: StoredRun) -> bool:
    """Whether it was this very process that left it unfinished."""
    ours = this_process()
    return all(run.tags.get(name) == ours[name] for name in (HOST, PROCESS))
