"""Writing a run into MLflow: its settings at the start, a point an epoch, its files and its true status at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from mlflow.entities import Metric, Param, Run

from nnexp.disk_full import full
from nnexp.errors import NotRemembered, in_a_line
from nnexp.runtime.heartbeat import HEARTBEAT, Heartbeat
from nnexp.runtime.owned_files import LOG
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.chosen import CHOSEN_BY, NO_STEP, chosen_metrics, summary_step
from nnexp.tracking.dataset_facts import facts_of
from nnexp.tracking.logs import joined, logs_here, start_tags
from nnexp.tracking.mlflow.model import log_model
from nnexp.tracking.mlflow.private import delete_artifacts, know_artifacts
from nnexp.tracking.mlflow.rows import Batch, dataset_input
from nnexp.tracking.mlflow.sqlite_rows import rows_of
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.ui import experiment_note
from nnexp.tracking.mlflow.ui.image_log import log_images
from nnexp.tracking.params import as_text
from nnexp.tracking.provenance import continued
from nnexp.tracking.recording import Record
from nnexp.tracking.run_store import CHECKPOINTS
from nnexp.tracking.tags import ERROR, KEY, OF_AN_END, SWEEP, end_tags, key_tag
from nnexp.train.by_class import final_metrics
from nnexp.train.checkpoints import KEPT, newest_first
from nnexp.train.events import Ended, EpochDone, Event, Started, Status
from nnexp.train.history import History

FLUSH_SECONDS = 2.0  # rows of shorter epochs are written together: a call takes as long for many as for one


class MLflowRecorder:
    """A listener that keeps one MLflow run up to date: a new one, or one that goes on.

    Everything is written so that writing it again changes nothing: a run that was cut short anywhere goes on
    with no epoch missing and none double.
    """

    def __init__(
        self,
        store: Store,
        record: Record,
        run: Run | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._store = store
        self._client = store.client
        self._rows = rows_of(store)
        self._record = record
        self._run, self._new = run, run is None
        self._history = History()
        self._waiting: list[Metric] = []
        self._written: set[tuple[str, int]] = set()
        self._log_before = ""
        self._starts: dict[str, str] = {}
        self._heartbeat: Heartbeat | None = None
        self._clock = clock
        self._sleep = sleep
        self._flushed = self._last_epoch = clock()

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._start(event)
            case EpochDone():
                self._history(event)
                self._log(event.metrics, event.epoch)
                if self._is_due():
                    self._flush()
            case Ended() if self._run:
                self._end(event, self._run)

    @property
    def run_id(self) -> str:
        """MLflow's id of the run; empty before it has started."""
        return str(self._run.info.run_id) if self._run else ""

    def keep(self, file: Path) -> None:
        """Upload a checkpoint, and the log so far; the checkpoint before it stays, those before go."""
        assert self._run is not None  # noqa: S101  # checkpoints come after the start
        self._client.log_artifact(self.run_id, str(file), CHECKPOINTS)
        self._upload_log()
        uploaded = {Path(copy.path): copy for copy in self._client.list_artifacts(self.run_id, CHECKPOINTS)}
        delete_artifacts(self._store.uri, self._run, [uploaded[path] for path in newest_first(uploaded)[KEPT:]])

    def _start(self, event: Started) -> None:
        self._started = event
        first = Batch()
        with self._record.held():
            if self._run is None:
                tags = self._record.tags | self._this_start({})
                if key := tags.get(KEY):
                    tags[key_tag(key)] = "yes"
                self._run = self._rows.create(self._record.name, tags)
            else:
                first = self._continued(self._run)
        know_artifacts(self._store.uri, self._run)
        self._heartbeat = Heartbeat(lambda now: self._client.set_tag(self.run_id, HEARTBEAT, now))
        self._history(event)
        for past in event.past:
            self._log(past.metrics, past.epoch)
        known = self._run.data.params
        params = [Param(name, as_text(value)) for name, value in self._record.params.items() if name not in known]
        dataset = None if self._run.inputs.dataset_inputs else dataset_input(facts_of(event.dataset))
        self._flush(replace(first, params=params, dataset=dataset))
        self._update_experiment_note()
        self._client.log_artifact(self.run_id, str(self._record.folder / "config.yaml"))

    def _continued(self, run: Run) -> Batch:
        """Take over a run that another process has left; what is to be written of that."""
        self._log_before = self._stored_log()
        for metric in run.data.metrics:
            history = self._client.get_metric_history(run.info.run_id, metric)
            self._written |= {(metric, point.step) for point in history}
        tags = self._this_start(run.data.tags) | continued(run.data.tags, self._record.tags)
        return Batch(tags=tags, gone=[name for name in OF_AN_END if name in run.data.tags], status="RUNNING")

    def _stored_log(self) -> str:
        """The log that the run has stored; empty if it has none."""
        if all(file.path != LOG for file in self._client.list_artifacts(self.run_id)):
            return ""
        with temporary_folder() as folder:
            copy = self._client.download_artifacts(self.run_id, LOG, folder)
            return Path(copy).read_text(encoding="utf-8", errors="replace")

    def _this_start(self, before: Mapping[str, str]) -> dict[str, str]:
        self._starts = start_tags(self._record, before)
        return self._starts

    def _log(self, metrics: dict[str, float], step: int) -> None:
        """Take in one epoch, to be written with whatever waits already, without what is there already."""
        now = round(time.time() * 1000)
        new = {name: value for name, value in metrics.items() if (name, step) not in self._written}
        self._written |= {(name, step) for name in new}
        self._waiting += [Metric(name, value, now, step) for name, value in new.items()]

    def _is_due(self) -> bool:
        """Whether the rows that wait would wait too long if they waited for one more epoch like the last."""
        now = self._clock()
        seconds, self._last_epoch = now - self._last_epoch, now
        return now + seconds >= self._flushed + FLUSH_SECONDS

    def _flush(self, more: Batch | None = None) -> None:
        """Write what waits, and more, in one batch."""
        self._flushed = self._clock()
        batch = replace(more or Batch(), metrics=self._waiting)
        if batch != Batch():  # a row that did arrive before an error is the same row again, which MLflow keeps once
            self._rows.write(self.run_id, batch)
            self._waiting = []

    def _end(self, event: Ended, run: Run) -> None:
        if self._heartbeat:
            self._heartbeat.stop()
        status: Status = "KILLED" if event.status == "FINISHED" else event.status
        try:
            if event.status == "FINISHED":
                final = final_metrics(self._started.dataset.test.labels, self._started.final_outputs)
                step = summary_step(self._history, (CHOSEN_BY, NO_STEP) in self._written)
                self._log(chosen_metrics(self._history) | final, step)
            self._upload_files()
            log_images(self._client, run, self._record.folder / self._record.images)
            if event.status == "FINISHED":
                weights = self._record.folder / "weights.npz"
                network, dataset = self._started.network, self._started.dataset
                log_model(self._client, run, network, weights, dataset.test, event.epoch, self._new)
            status = event.status
        except Exception as error:
            status = "FAILED"
            raise self._not_remembered(error) from error
        finally:
            self._close(status, event)
        if status == "FINISHED":
            self._update_experiment_note()

    def _update_experiment_note(self) -> None:
        if SWEEP not in self._record.tags:  # a sweep does it once, for all of its runs
            experiment_note.update(self._store)

    def _upload_files(self) -> None:
        for name in self._record.files:
            path = self._record.folder / name
            if name == LOG:
                self._upload_log()
            elif path.is_dir():
                self._client.log_artifacts(self.run_id, str(path), name)
            elif path.is_file():
                self._client.log_artifact(self.run_id, str(path))

    def _upload_log(self) -> None:
        """Write the log of all starts; those of the run that are not here are in what was stored before this one."""
        key = self._record.tags.get(KEY, "")
        if log := joined(self._log_before, logs_here(self._starts, key)):
            self._client.log_text(self.run_id, log, LOG)

    def _close(self, status: Status, event: Ended) -> None:
        """Write the last rows, and the status; a store that is away for a moment is given a few more."""
        tags = end_tags(event.stopped, event.pruned)
        tags |= {ERROR: in_a_line(event.error)[:5000]} if event.error is not None else {}
        for pause in (1, 5, 0):
            try:
                self._flush(Batch(tags=tags, status=status))
            except Exception as error:
                if not pause or full(error):
                    raise self._not_remembered(error) from error
                self._sleep(pause)
            else:
                return

    def _not_remembered(self, error: Exception) -> NotRemembered:
        return NotRemembered(
            f"run {self.run_id} could not be logged completely ({in_a_line(error)}); "
            "the same command again does what is missing"
        )
