"""Writing a run into a folder of plain files: its settings at the start, a line an epoch, its files at the end."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from nnexp.data.dataset import Dataset
from nnexp.errors import NotRemembered, in_a_line
from nnexp.runtime.heartbeat import HEARTBEAT, Heartbeat
from nnexp.runtime.owned_files import LOG, discard, take, write, written
from nnexp.tracking.chosen import CHOSEN_BY, NO_STEP, chosen_metrics, summary_step
from nnexp.tracking.dataset_facts import facts_of
from nnexp.tracking.folder import run_files
from nnexp.tracking.logs import joined, logs_here, start_tags
from nnexp.tracking.params import as_text
from nnexp.tracking.provenance import continued
from nnexp.tracking.recording import Record
from nnexp.tracking.run_store import CHECKPOINTS, StoredRun
from nnexp.tracking.tags import ERROR, KEY, OF_AN_END, end_tags
from nnexp.train.by_class import final_metrics
from nnexp.train.checkpoints import KEPT, newest_first
from nnexp.train.events import Ended, EpochDone, Event, Started, Status
from nnexp.train.history import History

KEY_DIGITS = 16  # of a run's key, which the name of its folder ends with: it is found without being opened


class FolderRecorder:
    """A listener that keeps the run in one folder up to date; see `Recorder`."""

    def __init__(
        self, root: Path, record: Record, run: StoredRun | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._record = record
        self._before = run
        self._clock = clock
        self._key = record.tags[KEY]
        self._id = run.id if run else uuid.uuid4().hex
        self._folder = root / f"{self._id}-{self._key[:KEY_DIGITS]}"
        self._history = History()
        self._known: run_files.Points = {}
        self._log_before = ""
        self._begun = False
        self._heartbeat: Heartbeat | None = None
        self._lines: FileIO | None = None
        self._waiting: list[str] = []
        self._torn = False

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._start(event)
            case EpochDone():
                self._history(event)
                self._take(event.epoch, event.metrics)
                self._flush()
            case Ended() if self._begun:
                self._end(event)

    @property
    def run_id(self) -> str:
        return self._id if self._begun else ""

    def keep(self, file: Path) -> None:
        folder = self._folder / CHECKPOINTS
        take(folder, self._key)
        _copy(file, folder / file.name)
        self._store_log()
        old = newest_first(folder.glob("*"))[KEPT:]
        discard(folder, self._key, "|".join(re.escape(path.name) for path in old))

    def _start(self, event: Started) -> None:
        self._started = event
        with self._record.held():
            if self._before is None:
                self._create(event.dataset)
            else:
                self._continue(self._before)
            self._begun = True
        self._heartbeat = Heartbeat(lambda now: write(self._folder / run_files.BEAT, now))
        _copy(self._record.folder / "config.yaml", self._folder / "config.yaml")
        write(self._folder / run_files.EPOCHS, "".join(map(str, run_files.lines(self._folder))))
        self._lines = (self._folder / run_files.EPOCHS).open("ab", buffering=0)
        self._history(event)
        for past in event.past:
            self._take(past.epoch, past.metrics)
        self._flush()

    def _create(self, dataset: Dataset) -> None:
        take(self._folder, self._key)
        run_files.create(
            self._folder,
            id=self._id,
            name=self._record.name,
            status="RUNNING",
            started=self._clock(),
            ended=None,
            tags=self._record.tags | start_tags(self._record, {}),
            params=self._params(),
            metrics={},
            test_examples=len(dataset.test),
            dataset=facts_of(dataset),
        )

    def _continue(self, run: StoredRun) -> None:
        """Take over a run that another process has left."""
        tags = start_tags(self._record, run.tags) | continued(run.tags, self._record.tags)
        write(self._folder / run_files.BEAT, tags[HEARTBEAT])
        run_files.update(
            self._folder,
            tags,
            gone=OF_AN_END,
            status="RUNNING",
            ended=None,
            metrics={},
            params=self._params() | dict(run.params),
        )
        self._known = run_files.points(self._folder)
        if (log := self._folder / LOG).is_file():
            self._log_before = log.read_text(errors="replace")

    def _params(self) -> dict[str, str]:
        return {name: as_text(value) for name, value in self._record.params.items()}

    def _take(self, epoch: int, metrics: dict[str, float]) -> None:
        """Take in one epoch, to be written with whatever waits already, without what is there already."""
        known = self._known.setdefault(epoch, {})
        if new := {name: value for name, value in metrics.items() if name not in known}:
            self._waiting.append(str(run_files.Line(epoch, new, round(self._clock() * 1000))))
            known |= new

    def _flush(self) -> None:
        """Write what waits; what did arrive of it before an error is written once more, which changes nothing."""
        if self._lines is None or not self._waiting:
            return
        data = (self._torn * "\n" + "".join(self._waiting)).encode()
        self._torn = True
        if self._lines.write(data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._torn = False
        self._waiting = []

    def _end(self, event: Ended) -> None:
        if self._heartbeat:
            self._heartbeat.stop()
        status: Status = "KILLED" if event.status == "FINISHED" else event.status
        try:
            if event.status == "FINISHED":
                final = final_metrics(self._started.dataset.test.labels, self._started.final_outputs)
                step = summary_step(self._history, CHOSEN_BY in self._known.get(NO_STEP, {}))
                self._take(step, chosen_metrics(self._history) | final)
            self._flush()
            self._store_files()
            status = event.status
        except Exception as error:
            status = "FAILED"
            raise self._not_remembered(error) from error
        finally:
            self._close(status, event)

    def _close(self, status: Status, event: Ended) -> None:
        tags = end_tags(event.stopped, event.pruned)
        tags |= {ERROR: in_a_line(event.error)} if event.error is not None else {}
        try:
            if self._lines:
                os.fsync(self._lines.fileno())
                self._lines.close()
            metrics = run_files.last_values(self._known)
            run_files.update(self._folder, tags, status=status, ended=self._clock(), metrics=metrics)
        except Exception as failed:
            raise self._not_remembered(failed) from failed

    def _store_files(self) -> None:
        for name in (*self._record.files, self._record.images):
            path = self._record.folder / name
            if name == LOG:
                self._store_log()
            elif path.is_dir():
                shutil.copytree(path, self._folder / name, dirs_exist_ok=True)
            elif path.is_file():
                _copy(path, self._folder / name)

    def _store_log(self) -> None:
        """Write the log of all starts; those of the run that are not here are in what was stored before this one."""
        starts = start_tags(self._record, self._before.tags if self._before else {})
        if text := joined(self._log_before, logs_here(starts, self._key)):
            write(self._folder / LOG, text)

    def _not_remembered(self, error: Exception) -> NotRemembered:
        return NotRemembered(
            f"run {self._id} could not be stored completely ({in_a_line(error)}); "
            "the same command again does what is missing"
        )


def _copy(file: Path, target: Path) -> None:
    with written(target) as copy:
        copy.write(file.read_bytes())
