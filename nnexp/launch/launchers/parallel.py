"""Jobs in worker processes, as many at once as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.launch.launchers.base import Launcher, Work

if TYPE_CHECKING:
    from nnexp.launch.job_events import OnEvent


@dataclass
class Parallel(Launcher):
    """As many jobs at once as there are cores, each in a worker process."""

    kind: str = "parallel"

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        from nnexp.launch.fork_server import start

        start(modules, warm_up)

    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        from nnexp.launch.workers import run_all

        return run_all(work.start, jobs, at_once, on_event)
