"""A job: one run of a sweep, as it travels to the process that does it, and its outcome as it comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nnexp.config.job_log import open_log
from nnexp.config.naming import name_of
from nnexp.config.schema import Config, flat
from nnexp.config.sweep_settings import Membership
from nnexp.data.cache import LastLoaded
from nnexp.errors import Diverged, line_of_bug, lines_of, of_the_disk
from nnexp.runner.result import Outcome
from nnexp.runtime.owned_files import LOG, forget_empty
from nnexp.study.question import Question


@dataclass(frozen=True)
class Job:
    """One run of a sweep. key: of the run. words: what was typed for it, as Hydra's overrides.

    question: what it asks after each epoch, if it is a trial of a study.
    """

    config: Config
    membership: Membership
    key: str
    words: tuple[str, ...] = ()
    question: Question | None = None

    @property
    def name(self) -> str:
        return name_of(self.config, self.membership.over)

    @property
    def varying(self) -> dict[str, Any]:
        """The settings that tell it from the sweep's other jobs."""
        settings = flat(self.config)
        return {name: settings.get(name) for name in self.membership.over}


@dataclass(frozen=True)
class Place:
    """Where a job writes. folder: of its own. log: how it logs, as `logging.config` has it; None for no log of its own.

    verbose: Hydra's setting, for which loggers tell everything.
    """

    folder: Path
    log: Mapping[str, Any] | None = None
    verbose: bool | str | Sequence[str] = False


def worker(of_files: bool = False) -> Callable[[tuple[Job, Place]], Outcome]:
    """What a worker process begins with: the jobs of a sweep mostly share their data, which is read once.

    of_files: whether jobs come as files, which may have been changed: each must have the key that it says.
    """
    return partial(_do, load=LastLoaded(), of_files=of_files)


def _do(placed: tuple[Job, Place], load: LastLoaded, of_files: bool) -> Outcome:
    """Do one job; whatever is wrong with it is its outcome."""
    from nnexp.runner.one_run import one_run

    job, place = placed
    folder = place.folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if place.log is not None:
            open_log(place.log, place.verbose)
        result = one_run(
            job.config,
            folder,
            load,
            beside=(LOG,),
            membership=job.membership,
            question=job.question,
            key=job.key if of_files else "",
        )
        return result.outcome(job.varying)
    except Exception as error:
        error = of_the_disk(error) or error
        why, diverged = tuple(lines_of(error)), isinstance(error, Diverged)
        return Outcome(job.varying, "failed", why=why, where=line_of_bug(error), diverged=diverged)
    finally:
        forget_empty(folder, Path("outputs").absolute())  # of a run that was looked up
