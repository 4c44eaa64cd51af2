"""What launches the jobs of a sweep: the contract of `launch=...`, and its settings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Optional

from nnexp.component import Component, Rule, setting
from nnexp.runtime.cores import cores

if TYPE_CHECKING:
    from nnexp.launch.engines.base import Engine
    from nnexp.launch.job_events import OnEvent

SOME = Rule("a whole number > 0, or null for one for each core", lambda count: count is None or count > 0)

Start = Callable[[], Callable[[Any], Any]]
"""Is called once in each worker process; gives the function that does a job."""


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Work:
    """What there is to know of a sweep's jobs for whoever launches them.

    start: gives what does a job, in a worker. The others are for jobs that travel as files. name: of the folder that
    they travel through, a sweep's or a search's. words: what was typed for it, by which it can be concluded later.
    more: whether its workers are to stay for further jobs of the command, until `Launcher.release`. key_of: the same
    for a job that is given once more, in small letters and digits. to_json, outcome_from: a job as JSON values, and an
    outcome from them.
    """

    start: Start
    name: str = ""
    words: tuple[str, ...] = ()
    more: bool = False
    key_of: Callable[[Any], str] = str
    to_json: Callable[[Any], Any] = _as_it_is
    outcome_from: Callable[[Any], Any] = _as_it_is


def workers_setting(default: int | None, rule: Rule = SOME) -> Any:
    """The setting `workers`, of which every launcher has a default of its own."""
    meaning = "how many jobs at once, as far as memory goes; null: one for each core"
    return setting(default, help=meaning, rule=rule, counts=False)


@dataclass
class Launcher(Component):
    """Does jobs, and tells what happens to each. A job that raises or dies is a failed job; the others go on."""

    group = "launch"
    elsewhere: ClassVar[bool] = False  # jobs run on other machines: how many at once is not for this one to say

    workers: Optional[int] = workers_setting(None)  # noqa: UP045  # OmegaConf reads annotations at run time

    @property
    def at_once(self) -> int:
        """How many jobs run at once; -1 is one for each core and -2 one less, as joblib counts."""
        if not self.workers:
            return cores()
        return self.workers if self.workers > 0 else max(1, cores() + 1 + self.workers)

    def check(self) -> None:
        """Raise `LaunchError` if workers can't be started as the settings say; nothing has been written by then."""
        if engine := self.engine():
            engine.check()

    @abstractmethod
    def prepare(self, modules: Sequence[str], warm_up: Callable[[], None]) -> None:
        """Make ready for workers that need these modules; is called while this process has no other thread.

        warm_up: what every worker would have to do first, for launchers whose workers have all that this process has.
        """

    @abstractmethod
    def run(self, work: Work, jobs: Iterable[Any], at_once: int, on_event: OnEvent) -> list[Any]:
        """What each of the jobs returned, or `Died`; in the order of the jobs.

        jobs: are asked for one at a time, as soon as a worker is free; None says that there is none until one of those
        that are under way has ended. on_event: is told what happens, with the number of the job. Whatever ends this
        call, an interrupt too, no worker is left after five seconds.
        """

    def release(self, name: str) -> None:
        """Let workers go that have stayed for more: all jobs of the work of this name have come to their end."""
        return

    def engine(self) -> Engine | None:
        """What starts its workers elsewhere, if anything does."""
        return None
