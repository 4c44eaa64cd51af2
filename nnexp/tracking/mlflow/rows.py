"""A run's rows on their way into MLflow: what is written at once, and by its client, which every store takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nnexp.tracking.mlflow.store import Store

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput, Metric, Param, Run


@dataclass(frozen=True)
class Batch:
    """What is written of a run at once.

    status: `RUNNING` again, or how it has ended; empty: as it was. ended: when, in milliseconds; None: now. gone: names
    of tags that it has and is to have no more.
    """

    params: Sequence[Param] = ()
    metrics: Sequence[Metric] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    dataset: DatasetInput | None = None
    status: str = ""
    gone: Sequence[str] = ()
    ended: int | None = None


def dataset_input(facts: Mapping[str, str]) -> DatasetInput:
    """The data that a run was trained on, by its facts, as MLflow keeps it."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return DatasetInput(Dataset(**facts), tags=[InputTag("mlflow.data.context", "train")])


class Rows(Protocol):
    """What writes them. Writing a batch again changes nothing.

    keeps_ids: whether a new run gets the id that it is to have.
    """

    keeps_ids: bool

    def create(self, name: str, tags: Mapping[str, str], run_id: str = "", start: int | None = None) -> Run:
        """A new run of the store's experiment, which says RUNNING.

        run_id: that it is to have, where that can be chosen. start: when it was started, in milliseconds; None: now.
        """

    def write(self, run_id: str, batch: Batch) -> None:
        """Write the batch; the end of a run comes last, or all at once."""


class ClientRows:
    """Rows written by MLflow's client."""

    keeps_ids = False

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client = store.client

    def create(self, name: str, tags: Mapping[str, str], run_id: str = "", start: int | None = None) -> Run:
        return self._client.create_run(self._store.experiment_id, start, dict(tags), name)

    def write(self, run_id: str, batch: Batch) -> None:
        from mlflow.entities import RunTag

        if batch.status == "RUNNING":
            self._client.update_run(run_id, status="RUNNING")
        for name in batch.gone:
            self._client.delete_tag(run_id, name)
        if dataset := batch.dataset:
            self._store.in_turn(lambda: self._client.log_inputs(run_id, [dataset]))
        tags = [RunTag(name, value) for name, value in batch.tags.items()]
        self._client.log_batch(run_id, list(batch.metrics), list(batch.params), tags)
        if batch.status not in ("", "RUNNING"):
            self._client.set_terminated(run_id, batch.status, batch.ended)
