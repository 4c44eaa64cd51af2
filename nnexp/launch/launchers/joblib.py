"""Jobs in the processes of joblib's loky: each begins from nothing, none is forked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from nnexp.component import Rule
from nnexp.launch.launchers.base import Launcher, Work, workers_setting

if TYPE_CHECKING:
    from nnexp.launch.job_events import OnEvent

AS_JOBLIB = Rule("a whole number > 0, -1 for all cores, -2 for all but one, or null", lambda count: count != 0)


@dataclass
class Joblib(Launcher):
    """As many jobs at once as there are cores, in processes of joblib that begin from nothing.

    They are driven as those of `parallel` are: joblib's own pool gives all of its jobs up when one process dies.
    """

    kind: str = "joblib"
    workers: Optional[int] = workers_setting(-1, AS_JOBLIB)  # noqa: UP045  # OmegaConf reads annotations at run time

    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        pass  # each worker imports what it needs

    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        from joblib.externals.loky.backend.context import get_context

        from nnexp.launch.workers import run_all

        return run_all(work.start, jobs, at_once, on_event, get_context("loky"))
