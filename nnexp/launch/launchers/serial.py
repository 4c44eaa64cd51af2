"""Jobs one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from nnexp.launch.launchers.base import Launcher, Work, workers_setting

if TYPE_CHECKING:
    from nnexp.launch.job_events import OnEvent


@dataclass
class Serial(Launcher):
    """One job after the other, in a worker process."""

    kind: str = "serial"
    workers: Optional[int] = workers_setting(1)  # noqa: UP045  # OmegaConf reads annotations at run time

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        from nnexp.launch.fork_server import start

        start(modules, warm_up)

    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        from nnexp.launch.workers import run_all

        return run_all(work.start, jobs, at_once, on_event)
