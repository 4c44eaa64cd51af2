"""Jobs for workers that are started by hand, on any machine that sees the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nnexp.launch.launchers.base import Launcher, Work, wait_setting

if TYPE_CHECKING:
    from nnexp.launch.job_events import OnEvent


@dataclass
class Workers(Launcher):
    """Jobs wait in outputs/sweeps/NAME for workers, which `nnexp worker` starts on any machine that sees the folder."""

    kind: str = "workers"
    elsewhere: ClassVar[bool] = True
    wait: bool = wait_setting()

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        pass  # each worker makes itself ready

    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        from nnexp.launch.pulling.submitter import run_pulled

        return run_pulled(work, jobs, at_once, on_event, wait=self.wait)
