"""The record of a run as plain files among its own, whatever store remembers it: `run.json`, and a line an epoch."""

from __future__ import annotations

import time
from collections.abc import Callable

from nnexp.errors import in_a_line
from nnexp.runtime.heartbeat import this_process
from nnexp.runtime.owned_files import write
from nnexp.tracking.chosen import chosen_metrics
from nnexp.tracking.folder import run_files
from nnexp.tracking.params import as_text
from nnexp.tracking.recording import Record
from nnexp.tracking.tags import ERROR, end_tags
from nnexp.train.by_class import final_metrics
from nnexp.train.events import Ended, EpochDone, Event, Started
from nnexp.train.history import History


class PlainRecord:
    """A listener that writes what `Record` says and what happens, in the form of a folder of runs.

    run_id: tells the id that the store has given the run, once it has started.
    """

    def __init__(
        self, record: Record, history: History, run_id: Callable[[], str], clock: Callable[[], float] = time.time
    ) -> None:
        self._record = record
        self._history = history
        self._run_id = run_id
        self._clock = clock

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._start(event)
            case EpochDone():
                self._last |= event.metrics
                with (self._record.folder / run_files.EPOCHS).open("ab", buffering=0) as lines:
                    lines.write(self._line(event).encode())
            case Ended():
                self._end(event)

    def _start(self, event: Started) -> None:
        self._started = event
        self._last = {name: value for epoch in event.past for name, value in epoch.metrics.items()}
        run_files.create(
            self._record.folder,
            id=self._run_id(),
            name=self._record.name,
            status="RUNNING",
            started=self._clock(),
            ended=None,
            tags=self._record.tags | this_process(),
            params={name: as_text(value) for name, value in self._record.params.items()},
            metrics={},
            test_examples=len(event.dataset.test),
        )
        write(self._record.folder / run_files.EPOCHS, "".join(map(self._line, event.past)))

    def _line(self, epoch: EpochDone) -> str:
        return str(run_files.Line(epoch.epoch, epoch.metrics, round(1000 * self._clock())))

    def _end(self, event: Ended) -> None:
        folder = self._record.folder
        if not (folder / run_files.RUN).exists():  # it had not begun
            return
        if event.status == "FINISHED":
            outputs = self._started.final_outputs
            self._last |= chosen_metrics(self._history) | final_metrics(self._started.dataset.test.labels, outputs)
        tags = end_tags(event.stopped, event.pruned)
        tags |= {ERROR: in_a_line(event.error)} if event.error is not None else {}
        run_files.update(folder, tags, status=event.status, ended=self._clock(), metrics=self._last)
