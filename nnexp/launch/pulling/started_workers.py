"""The workers that an engine has started for a queue: started once, and looked after."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from nnexp.errors import SweepFailed
from nnexp.launch.engines.base import Engine, Facts
from nnexp.launch.pulling.engine_file import engine_of, remember
from nnexp.launch.pulling.queue import Queue
from nnexp.launch.pulling.status import workers_now

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0


class StartedWorkers:
    """engine: what starts them; None if they are started by hand. most: how many."""

    def __init__(
        self, queue: Queue, engine: Engine | None, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._queue, self._engine, self._most = queue, engine, most
        self._facts: Facts = {}
        self._clock, self._check_at = clock, 0.0

    def start(self, jobs: int) -> None:
        """Have workers for so many jobs; those that an earlier command has started, if any of them may still come."""
        if self._engine is None:
            if not workers_now(self._queue):
                log.info("on each machine that sees this folder: nnexp worker %s", self._queue.folder)
            return
        before = engine_of(self._queue)
        if before and before[0].kind == self._engine.kind and not self._engine.lost(before[1]):
            self._facts = before[1]
        else:
            self._facts = self._engine.start(self._queue.folder, min(self._most, jobs))
            remember(self._queue, self._engine, self._facts)
        self._check_at = self._clock() + CHECK_SECONDS

    def check(self) -> None:
        """Raise `SweepFailed` if no worker will come any more; looks every few seconds only."""
        if self._engine is None or self._clock() < self._check_at:
            return
        self._check_at = self._clock() + CHECK_SECONDS
        why = self._engine.lost(self._facts)
        if why and not self._queue.is_over and not workers_now(self._queue):  # some may be started by hand
            raise SweepFailed(
                [f"no worker is left: {why}", "all that is done stays; the same command again starts workers anew"]
            )
