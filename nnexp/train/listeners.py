"""Telling listeners, so that none of them can stop the training or keep the end from the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nnexp.errors import in_a_line
from nnexp.train.events import Ended, EpochDone, Listener, Started

log = logging.getLogger(__name__)


class Listeners:
    """An error in a listener is fatal while starting, reported in the middle, and collected at the end."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners
        self._told: list[Listener] = []
        self._reported: set[str] = set()

    def start(self, event: Started) -> None:
        """Tell all; whoever was told of the start, even if it then raised, will be told of the end."""
        for listener in self._listeners:
            self._told.append(listener)
            listener(event)

    def tell(self, event: EpochDone) -> None:
        """Tell all; report errors, each once in a run, and go on."""
        for listener in self._told:
            try:
                listener(event)
            except Exception as error:  # whatever a listener does wrong, training goes on
                line = in_a_line(error)
                if line not in self._reported:
                    log.warning("epoch %d: %s; training goes on", event.epoch, line)
                self._reported.add(line)

    def end(self, event: Ended) -> list[BaseException]:
        """Tell all; give the errors. Whoever comes after an error is told of a run that failed by it."""
        errors: list[BaseException] = []
        for listener in self._told:
            try:
                listener(event)
            except BaseException as error:  # the end is told to everyone
                errors.append(error)
                if event.status == "FINISHED":
                    event = Ended("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED", error)
        return errors
