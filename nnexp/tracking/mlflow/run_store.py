"""The contract of a run store, kept by MLflow."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from nnexp.errors import UsageError, in_a_line
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.printable import visible
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.chosen import CHOSEN_BY, CHOSEN_EPOCH
from nnexp.tracking.contents import Contents
from nnexp.tracking.mlflow import runs, transfer
from nnexp.tracking.mlflow.histories import histories
from nnexp.tracking.mlflow.model import template_of
from nnexp.tracking.mlflow.reachable import is_server
from nnexp.tracking.mlflow.recorder import MLflowRecorder
from nnexp.tracking.mlflow.rows import Batch
from nnexp.tracking.mlflow.sqlite_rows import rows_of
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.mlflow.stored_model import StoredModel, fetched
from nnexp.tracking.mlflow.sweep_summary import MLflowSweepSummary
from nnexp.tracking.mlflow.trial import MLflowTrial, mlflow_trial
from nnexp.tracking.mlflow.ui import experiment_note
from nnexp.tracking.mlflow.ui.server import address, command
from nnexp.tracking.recording import Record
from nnexp.tracking.run_facts import lacking
from nnexp.tracking.run_store import ID_TYPED, STARTED, Curves, RunStore, StoredRun
from nnexp.tracking.tags import searchable
from nnexp.train.events import Status

log = logging.getLogger(__name__)


class MLflowRuns(RunStore):
    """The runs of one experiment in one MLflow store."""

    filters = True

    def __init__(self, store: Store) -> None:
        self.store = store
        self.address = store.uri
        self.at_once = transfer.REQUESTS if is_server(store.uri) else 1
        self.identity = f"{store.uri} {store.experiment_id}"

    def load(self) -> None:
        transfer.load()

    def find_all(self, keys: Sequence[str]) -> dict[str, StoredRun]:
        return {key: runs.stored(self, run) for key, run in runs.find(self.store, keys).items()}

    def search(self, condition: str = "", status: str = "") -> list[StoredRun]:
        return [runs.stored(self, run) for run in runs.search(self.store, condition, status)]

    def highest(self, column: str, most: int, condition: str = "") -> list[StoredRun] | None:
        if column == STARTED:
            order = [runs.NEWEST_FIRST]
        elif set(column).isdisjoint("`'\""):
            order = [f"metrics.`{column}` DESC", *([f"metrics.`{CHOSEN_EPOCH}`"] if column == CHOSEN_BY else [])]
        else:
            return None
        found = runs.search(self.store, condition, order=order, most=most)
        if column != STARTED and not (found and column in found[0].data.metrics):
            return None
        return [runs.stored(self, run) for run in found]

    def members(self, sweep: str) -> list[StoredRun]:
        return self.search(runs.members_filter(sweep)) if searchable(sweep) else []

    def beginning(self, run_id: str) -> list[StoredRun]:
        return [runs.stored(self, run) for run in runs.beginning(self.store, run_id)]

    def removed(self, run_id: str) -> str:
        found = runs.deleted(self.store, run_id)
        return f"run {found} is deleted; `mlflow runs restore --run-id {found}` brings it back" if found else ""

    def summaries(self) -> list[StoredRun]:
        return [runs.stored(self, run) for run in runs.summaries(self.store)]

    def curves(self, run_ids: Sequence[str], metrics: Sequence[str]) -> dict[str, Curves]:
        return histories(self.store, run_ids, metrics)

    def expect(self, network: Network, examples: Examples) -> None:
        template_of(network, examples)

    def recorder(self, record: Record, run: StoredRun | None) -> MLflowRecorder:
        return MLflowRecorder(self.store, record, self.store.client.get_run(run.id) if run else None)

    def sweep_summary(self, sweep: str) -> MLflowSweepSummary:
        return MLflowSweepSummary(self.store, sweep)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        rows_of(self.store).write(run_id, Batch(tags=tags))

    def trial(self) -> AbstractContextManager[MLflowTrial]:
        return mlflow_trial(self.store)

    def set_status(self, run_id: str, status: Status) -> None:
        rows_of(self.store).write(run_id, Batch(status=status))

    def remove(self, run_id: str) -> bool:
        """Delete it, as MLflow does: until `mlflow gc` it can be restored."""
        self.store.client.delete_run(run_id)
        return True

    @contextmanager
    def artifact(self, run: StoredRun, path: str) -> Iterator[Path]:
        with temporary_folder() as folder:
            try:
                copy = self.store.client.download_artifacts(run.id, path, folder)
            except Exception as error:  # each artifact store of MLflow's has its own
                raise UsageError(lacking(run, path, in_a_line(error))) from error
            yield Path(copy)

    def has_artifact(self, run_id: str, path: str) -> bool:
        parent = path.rpartition("/")[0]
        return any(file.path == path for file in self.store.client.list_artifacts(run_id, parent or None))

    def files_of(self, run_id: str) -> str:
        return str(self.store.client.get_run(run_id).info.artifact_uri)

    def model(self, run: StoredRun) -> AbstractContextManager[Path]:
        return self._weights(run)

    @contextmanager
    def _weights(self, run: StoredRun) -> Iterator[Path]:
        with self.logged_model(run) as model:
            yield model.weights

    @contextmanager
    def logged_model(self, run: StoredRun) -> Iterator[StoredModel]:
        """A copy of the model that a run has logged, while the block lasts; `UsageError` if it has none of ours."""
        with temporary_folder() as folder:
            try:
                model = fetched(runs.model_address(self.store, run.id), self.store.uri, Path(folder))
            except UsageError as error:
                raise UsageError(lacking(run, "model", str(error).splitlines()[0])) from error
            yield model

    def contents(self, run: StoredRun) -> Contents:
        return transfer.contents(self.store, run)

    def receive(self, run: StoredRun, contents: Contents, known: StoredRun | None, state: str) -> str:
        return transfer.receive(self.store, run, contents, known, state)

    def show(self, sweeps: Sequence[str]) -> None:
        shown = list(filter(searchable, sweeps))
        for sweep in shown:
            experiment_note.show_sweep(self.store, sweep, transfer.settings_of(self.store, sweep))
        for sweep in dict.fromkeys(sweep for sweep in sweeps if sweep not in shown):
            log.warning("sweep %s: MLflow's UI can't have a view of that name; its runs are there", visible(sweep))
        if not shown:
            experiment_note.update(self.store)

    def copied_from(self, source: str) -> Mapping[str, str]:
        return transfer.copied_from(self.store, source)

    def has_copied(self, source: str, digests: Mapping[str, str]) -> None:
        transfer.remember(self.store, source, digests)

    def removed_ids(self) -> set[str]:
        return runs.deleted_ids(self.store)

    def whereabouts(self, run_id: str) -> list[str]:
        look = command(self.store, run_id[:ID_TYPED]) or address(self.store, run_id)
        return [f"run     {run_id}", f"look    {look}"]

    def experiments(self) -> list[str]:
        return [str(each.name) for each in self.store.client.search_experiments()]

    def other(self, experiment: str) -> MLflowRuns:
        return MLflowRuns(open_store(self.store.uri, experiment, make=False))
