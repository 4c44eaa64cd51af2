"""A launcher for tests that are not about launching: jobs one after the other, in the process of the sweep itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.config_store import ConfigStore

from nnexp.launch.job_events import JobEnded, OnEvent
from nnexp.launch.launchers.base import Launcher, Start


@dataclass
class Inline(Launcher):
    kind: str = "inline"

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        pass

    def run(self, start: Start, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        handlers, level = list(logging.root.handlers), logging.root.level  # a job sets up a log of its own
        do, outcomes = start(), []
        for number, job in enumerate(jobs):
            if job is None:
                break  # nothing is under way that could bring more
            outcomes.append(do(job))
            on_event(number, JobEnded(outcomes[-1]))
        logging.root.handlers[:], logging.root.level = handlers, level
        return outcomes


ConfigStore.instance().store(group="launch", name="inline", node=Inline)
