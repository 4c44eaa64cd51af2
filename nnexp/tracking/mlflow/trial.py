"""A trial of an MLflow store: a run that is deleted again. The next trial restores and uses it, so there is but one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path

from mlflow.entities import Metric, Run, ViewType

from nnexp.errors import TrackingError, in_a_line
from nnexp.runtime.heartbeat import is_alive, this_process
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.mlflow.private import ask, delete_artifacts
from nnexp.tracking.mlflow.reachable import SECONDS, is_server
from nnexp.tracking.mlflow.rows import Batch
from nnexp.tracking.mlflow.sqlite_rows import rows_of
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.trial import TRIAL

FILE = "doctor.txt"
METRIC = "doctor"
MOST = 100  # trials that are looked at


class MLflowTrial:
    """See `Trial`."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store = store
        self._run = run
        self._id = str(run.info.run_id)

    def write(self, number: int) -> None:
        self._store.client.log_batch(self._id, metrics=[Metric(METRIC, number, round(time.time() * 1000), number)])

    def file(self, text: str) -> str:
        client = self._store.client
        client.log_text(self._id, text, FILE)
        with temporary_folder() as folder:
            return Path(client.download_artifacts(self._id, FILE, folder)).read_text()

    def clock(self) -> float:
        if not is_server(self._store.uri):
            return time.time()  # a database that is asked for the time says the client's in its own words
        said = ask(self._store.uri, "/health", {}, SECONDS).headers.get("Date", "")
        return parsedate_to_datetime(said).timestamp() if said else time.time()

    def version(self) -> str:
        if not is_server(self._store.uri):
            return ""  # a database of another version does not open
        answer = ask(self._store.uri, "/version", {}, SECONDS)
        return answer.text.strip() if answer.ok else ""

    def end(self) -> None:
        """Take out what was written; `TrackingError` if the store does not let us."""
        client = self._store.client
        try:
            listed = [each for each in client.list_artifacts(self._id) if each.path == FILE]
            delete_artifacts(self._store.uri, self._run, listed)
            client.delete_run(self._id)
        except Exception as error:  # each store, and artifact store, has its own
            said = f"the trial of `nnexp doctor`, run {self._id}, can't be taken out again ({in_a_line(error)})"
            raise TrackingError([said, "delete that run; or let the next `nnexp doctor` do it, once it may"]) from error


@contextmanager
def mlflow_trial(store: Store) -> Iterator[MLflowTrial]:
    """A trial in this store's experiment: one whose process was killed in the middle, if any; others are taken out."""
    left, deleted = _earlier(store)
    client, ours = store.client, this_process() | {TRIAL: "yes"}
    if not left and not deleted:
        left = [client.create_run(store.experiment_id, run_name="nnexp doctor", tags=ours)]
    elif not left:
        client.restore_run(deleted[0].info.run_id)
        left = deleted[:1]
    trial, *others = (MLflowTrial(store, run) for run in left)
    for other in others:
        other.end()
    try:
        rows_of(store).write(left[0].info.run_id, Batch(tags=ours))
        yield trial
    finally:
        trial.end()


def _earlier(store: Store) -> tuple[list[Run], list[Run]]:
    """The trials whose process is gone, and those that were taken out, as they should be."""
    condition = f"tags.`{TRIAL}` = 'yes'"
    found = store.client.search_runs([store.experiment_id], condition, ViewType.ALL, max_results=MOST)
    deleted = [run for run in found if run.info.lifecycle_stage == "deleted"]
    return [run for run in found if run not in deleted and not is_alive(run.data.tags)], deleted
