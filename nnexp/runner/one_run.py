"""One run from settings to result: looked up if it is finished, trained as far as it is not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from nnexp.config.schema import Config
from nnexp.config.sweep_settings import Membership
from nnexp.data.dataset import Dataset
from nnexp.data.sources.base import Source
from nnexp.errors import ConfigError
from nnexp.nn.blas import blas_threads
from nnexp.runner import checkpoint_folders, resume
from nnexp.runner.preparation import Prepared, prepare
from nnexp.runner.pruning import Pruning, epochs_known
from nnexp.runner.result import Result, told
from nnexp.runner.stored_result import stored_result
from nnexp.runner.training import train_run
from nnexp.runtime import owned_files
from nnexp.runtime.memory import free_memory
from nnexp.runtime.signals import Interrupts
from nnexp.study.question import Question
from nnexp.tracking.provenance import made_by_others
from nnexp.tracking.run_store import StoredRun
from nnexp.train.events import Listener
from nnexp.train.progress import progress

log = logging.getLogger(__name__)


def one_run(
    config: Config,
    folder: Path,
    load: Callable[[Source], Dataset] | None = None,
    free: Callable[[], int] = free_memory,
    beside: Collection[str] = (),
    membership: Membership | None = None,
    question: Question | None = None,
    key: str = "",
    shown: Callable[[], Listener] = progress,
) -> Result:
    """Do what is left of the run that the configuration describes; its files go into `folder`.

    load: what reads the data, if not the source itself. free: tells how many bytes of memory are. beside: names of what
    may be in the folder before. membership: in a sweep, if it is part of one. question: what is asked after each epoch,
    if it is a trial of a study. key: that the run must have, if it comes from a file: a worker that is lost has perhaps
    done it. shown: gives what shows the epochs of a run that is on its own. Raises `ConfigError`, `DataError`, or
    `UsageError` for a folder that is not the run's, before anything is written; `TrackingError` if the store does not
    open, `Diverged`, `NotRemembered` if what was trained could not be logged, `Interrupted` after Ctrl-C, SIGTERM.
    """
    run = prepare(config, folder, load, free, membership)
    if key not in ("", run.key):
        raise ConfigError([f"key: its settings and data give {run.key[:8]}, expected {key[:8]}, as the sweep named it"])
    with Interrupts() as interrupts, blas_threads(config.threads), owned_files.taken(folder.resolve(), run.key, beside):
        store = config.tracking.open()
        if store is None:
            return train_run(run, interrupts, Pruning(config.stopping, question), again=bool(key), shown=shown)
        with resume.alone(store, run.key):
            earlier = resume.earlier(store, run.key, config.resume)
            if earlier and membership:
                resume.join(earlier, membership, run.settings)
            pruning = Pruning(config.stopping, question, epochs_known(store, earlier) if question else 0)
            if earlier and (earlier.finished or (question and earlier.pruned_by == question.study)):
                result = _look_up(run, earlier)
                pruning.report(result.history.epochs)
            else:
                result = train_run(run, interrupts, pruning, store, earlier, again=bool(key), shown=shown)
        if not membership:  # a sweep does it once, for all of its runs
            checkpoint_folders.tidy(store)
        return result


def _look_up(run: Prepared, found: StoredRun) -> Result:
    """The result of a run that is finished already."""
    result = replace(stored_result(found), name=run.name)
    if found.finished and (left := checkpoint_folders.folder_of(found, run.key)):  # by a process killed after the end
        checkpoint_folders.discard(left, run.key)
    ended = f"pruned by study {found.pruned_by}" if found.pruned_by else "finished"
    log.info("%s is %s already, nothing to train (resume=never would)", run.name, ended)
    for difference in made_by_others([found.tags]):
        log.warning("it may not be what this machine gives, to the last bit: %s", difference)
    return told(result)
