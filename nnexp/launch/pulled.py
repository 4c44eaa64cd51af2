"""What launchers have in common whose jobs are pulled by workers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nnexp.component import setting

if TYPE_CHECKING:
    from nnexp.launch.engines.base import Engine
    from nnexp.launch.job_events import OnEvent
    from nnexp.launch.launchers.base import Work


@dataclass
class Pulled:
    """What those launchers have beside `Launcher` whose jobs wait in a folder for workers, on any machine."""

    elsewhere: ClassVar[bool] = True
    wait: bool = setting(
        True,
        help="whether the command waits for its jobs; false: it ends at once, and the last worker concludes the sweep",
        counts=False,
    )

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        """Do nothing: each worker makes itself ready."""

    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        """See `Launcher.run`."""
        from nnexp.launch.pulling.submitter import run_pulled

        return run_pulled(work, jobs, at_once, on_event, self.engine(), wait=self.wait)

    def release(self, name: str) -> None:
        """See `Launcher.release`."""
        from nnexp.launch.pulling.submitter import release

        release(name)

    @abstractmethod
    def engine(self) -> Engine | None:
        """See `Launcher.engine`."""
