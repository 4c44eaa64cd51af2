"""Writing a run into MLflow: its settings at the start, a point an epoch, its files and its true status at the end."""

from __future__ import annotations

import json
import time
from typing import Any

from mlflow.entities import Dataset as DatasetEntity
from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunTag

from nnexp.data.dataset import Dataset
from nnexp.errors import NotRemembered
from nnexp.track.model import log_model
from nnexp.track.store import Store, resolve, shown
from nnexp.track.tracking import Record
from nnexp.train.events import Ended, EpochDone, Event, Started, Status
from nnexp.train.history import History

LONGEST_PARAM = 6000  # characters; MLflow cuts what is longer without a word


class MLflowRecorder:
    """A listener that keeps one MLflow run up to date."""

    def __init__(self, store: Store, record: Record) -> None:
        self._store = store
        self._client = store.client
        self._record = record
        self._history = History()
        self._waiting: list[Metric] = []
        self._run_id: str | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._start(event)
            case EpochDone():
                self._history(event)
                self._log(event.metrics, event.epoch)
            case Ended() if self._run_id:
                self._end(event, self._run_id)

    def whereabouts(self) -> list[str]:
        """The run's id, and how to look at it in MLflow's UI."""
        page = f"/#/experiments/{self._store.experiment_id}/runs/{self._run_id}?workflowType=machine_learning"
        if self._store.uri.startswith("http"):
            return [f"run     {self._run_id}", f"look    {shown(self._store.uri)}{page}"]
        store = (
            ""
            if self._store.uri == resolve("sqlite:///mlflow.db")
            else f" --backend-store-uri {shown(self._store.uri)}"
        )
        return [f"run     {self._run_id}", f"look    mlflow ui{store}", f"        http://127.0.0.1:5000{page}"]

    def _start(self, event: Started) -> None:
        self._started = event
        with self._record.held():
            self._run = self._client.create_run(
                self._store.experiment_id, run_name=self._record.name, tags=self._record.tags
            )
            self._run_id = self._run.info.run_id
        params = [Param(name, _text(value)) for name, value in self._record.params.items()]
        self._client.log_batch(self._run_id, params=params)
        self._client.log_inputs(self._run_id, [_dataset_input(event.dataset)])
        self._client.log_artifact(self._run_id, str(self._record.folder / "config.yaml"))

    def _log(self, metrics: dict[str, float], step: int) -> None:
        """Write one epoch in one call, with whatever earlier calls failed to write."""
        now = round(time.time() * 1000)
        self._waiting += [Metric(name, value, now, step) for name, value in metrics.items()]
        self._flush()

    def _flush(self) -> None:
        if self._waiting:  # a row that did arrive before an error is the same row again, which MLflow keeps once
            self._client.log_batch(self._run_id, metrics=self._waiting)
            self._waiting = []

    def _end(self, event: Ended, run_id: str) -> None:
        status: Status = "KILLED" if event.status == "FINISHED" else event.status
        try:
            self._flush()
            self._log_best()
            self._client.log_artifacts(run_id, str(self._record.folder))
            if event.status == "FINISHED":
                weights = self._record.folder / "weights.npz"
                network, dataset = self._started.network, self._started.dataset
                log_model(self._client, self._run, network, weights, dataset.test, step=self._started.epochs)
            if event.error is not None:
                message = f"{type(event.error).__name__}: {event.error}"
                self._client.log_batch(run_id, tags=[RunTag("nnexp.error", message[:5000])])
            status = event.status
        except Exception as error:
            status = "FAILED"
            raise NotRemembered(f"run {run_id} could not be logged completely: {error}") from error
        finally:
            self._client.set_terminated(run_id, status)

    def _log_best(self) -> None:
        """The UI shows a metric's last value, so the best ones are metrics of their own."""
        if not self._history.epochs:
            return
        best = self._history.best("test_accuracy")
        validation = self._history.best("validation_accuracy").metrics["validation_accuracy"]
        summary = {
            "best_test_accuracy": best.metrics["test_accuracy"],
            "best_epoch": float(best.epoch),
            "best_validation_accuracy": validation,
        }
        self._log(summary, self._history.epochs[-1].epoch)


def _text(value: Any) -> str:
    """A setting as a param: lists as they are typed on the command line."""
    text = "[" + ",".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_PARAM else text[: LONGEST_PARAM - 3] + "..."


def _dataset_input(dataset: Dataset) -> DatasetInput:
    """The data set as MLflow shows it: its hash is the digest, so nothing has to be hashed again."""
    counts = {"train": len(dataset.train), "validation": len(dataset.validation), "test": len(dataset.test)}
    entity = DatasetEntity(
        name=dataset.name,
        digest=dataset.sha256[:36],
        source_type="nnexp",
        source=json.dumps({"data": dataset.name, "sha256": dataset.sha256}),
        profile=json.dumps(counts | {"classes": dataset.classes, "values": dataset.n_values}),
    )
    return DatasetInput(entity, tags=[InputTag("mlflow.data.context", "train")])
