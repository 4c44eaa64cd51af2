"""A launcher for tests that are not about launching: jobs one after the other, in the process of the sweep itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import inline_jobs
from hydra.core.config_store import ConfigStore

from nnexp.launch.job_events import OnEvent
from nnexp.launch.launchers.base import Launcher, Work


@dataclass
class Inline(Launcher):
    kind: str = "inline"

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        pass

    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        return inline_jobs.run(work.start, jobs, on_event)


ConfigStore.instance().store(group="launch", name="inline", node=Inline)
