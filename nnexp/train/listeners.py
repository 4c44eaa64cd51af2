"""Telling listeners, so that none of them can stop the training or keep the end from the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nnexp.train.events import Ended, EpochDone, Listener, Started

log = logging.getLogger(__name__)


class Listeners:
    """An error in a listener is fatal while starting, reported in the middle, and collected at the end."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners
        self._told: list[Listener] = []

    def start(self, event: Started) -> None:
        """Tell all; whoever was told of the start, even if it then raised, will be told of the end."""
        for listener in self._listeners:
            self._told.append(listener)
            listener(event)

    def tell(self, event: EpochDone) -> None:
        """Tell all; report errors and go on."""
        for listener in self._told:
            try:
                listener(event)
            except Exception as error:  # whatever a listener does wrong, training goes on
                log.warning("epoch %d: %s: %s", event.epoch, type(error).__name__, error)
                log.debug("the traceback", exc_info=True)

    def end(self, event: Ended) -> list[BaseException]:
        """Tell all; give the errors, interruptions among them."""
        errors: list[BaseException] = []
        for listener in self._told:
            try:
                listener(event)
            except BaseException as error:  # the end is told to everyone
                log.debug("at the end", exc_info=True)
                errors.append(error)
        return errors
