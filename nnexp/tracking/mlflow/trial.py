"""A trial of an MLflow store: a run that is deleted again. The next trial restores and uses it, so there is but one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path

from mlflow.entities import Metric, Run, ViewType

from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.mlflow.private import ask, delete_artifacts
from nnexp.tracking.mlflow.reachable import SECONDS, is_server
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.trial import TRIAL

FILE = "doctor.txt"
METRIC = "doctor"


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
        """Take out what was written."""
        client = self._store.client
        delete_artifacts(
            self._store.uri, self._run, [each for each in client.list_artifacts(self._id) if each.path == FILE]
        )
        client.delete_run(self._id)


@contextmanager
def mlflow_trial(store: Store) -> Iterator[MLflowTrial]:
    """A trial in this store's experiment."""
    client, condition = store.client, f"tags.`{TRIAL}` = 'yes'"
    earlier = client.search_runs([store.experiment_id], condition, ViewType.DELETED_ONLY, max_results=1)
    if earlier:
        client.restore_run(earlier[0].info.run_id)
        trial = MLflowTrial(store, earlier[0])
    else:
        made = client.create_run(store.experiment_id, run_name="nnexp doctor", tags={TRIAL: "yes"})
        trial = MLflowTrial(store, made)
    try:
        yield trial
    finally:
        trial.end()
