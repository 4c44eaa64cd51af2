"""Training what is left of a run, with everyone listening."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from nnexp.config.conversion import to_yaml
from nnexp.errors import UsageError
from nnexp.launch.job_events import EpochsTold
from nnexp.nn.network import Network
from nnexp.runner import checkpoint_folders, resume
from nnexp.runner.preparation import Prepared, new_network
from nnexp.runner.pruning import Pruning
from nnexp.runner.record import record_of
from nnexp.runner.result import How, Result, told
from nnexp.runner.run_folder import RESULTS, RunFolder
from nnexp.runner.training_loop import follow
from nnexp.runtime.signals import GOES_ON, NOTHING_KEPT, Interrupts, with_outlook
from nnexp.tracking.folder.plain_record import PlainRecord
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import EpochDone, Listener, Started
from nnexp.train.history import History
from nnexp.train.listeners import Listeners
from nnexp.train.progress import lines, progress
from nnexp.train.snapshots import Snapshots
from nnexp.train.suspicions import of_scale

log = logging.getLogger(__name__)

AFTER_THE_LAST = "all epochs are done, {again} stores the result"


def train_run(
    run: Prepared,
    interrupts: Interrupts,
    pruning: Pruning,
    store: RunStore | None = None,
    earlier: StoredRun | None = None,
    again: bool = False,
    shown: Callable[[], Listener] = progress,
) -> Result:
    """Train what is left of the run.

    pruning: when it ends before its last epoch. store: that remembers it, if any. earlier: an unfinished or pruned
    start of it, which goes on. again: whether it may have ended in its folder before, and nobody has heard of it.
    shown: gives what shows the epochs of a run that is on its own.
    """
    if earlier is None and not again and (run.folder / RESULTS).exists():
        raise UsageError(f"{run.folder}: holds the files of an earlier run, expected a folder that is new or empty")
    config = run.config
    network, history, best = new_network(config, run.dataset), History(), Best(config.stopping.restore_best)
    for line in [] if run.membership else of_scale(network, run.dataset.train):
        log.warning("%s", line)
    snapshots = Snapshots() if config.pictures else None
    display = EpochsTold(lines()) if run.membership else shown()
    run_folder = RunFolder(run.folder, to_yaml(config), history, best, snapshots)
    listeners: list[Listener] = [history, display, best, *([snapshots] if snapshots else []), run_folder]
    if store is None:
        with with_outlook(lambda: NOTHING_KEPT):
            _follow(run, network, [], listeners, interrupts, pruning)
        pruning.report(history.epochs)
        files = [f"files   {run.folder}"]
        return told(Result(network, history, pruned=bool(pruning.study), name=run.name, where=files))
    folder = checkpoint_folders.folder_of(earlier, run.key) or checkpoint_folders.new_folder(run.key, run.folder)
    record = record_of(run, folder, interrupts)
    recorder = store.recorder(record, earlier)
    plain = [] if store.plain else [PlainRecord(record, history, lambda: recorder.run_id)]
    upload = recorder.keep if config.checkpoint_upload else None
    checkpoints = Checkpoints(
        folder, run.key, best, config.checkpoint_seconds, upload, snapshots=snapshots, stopping=pruning
    )
    past = resume.go_on(earlier, folder, checkpoints, network, run.dataset.sha256) if earlier else []
    with (
        checkpoint_folders.kept(folder, run.key, lambda: bool(pruning.study)),
        with_outlook(partial(_outlook, run, checkpoints, history)),
    ):
        _follow(run, network, past, [*listeners, checkpoints, recorder, *plain], interrupts, pruning)
    pruning.report(history.epochs)
    how: How = "continued" if earlier else "new"
    where = [f"files   {run.folder}", *store.whereabouts(recorder.run_id)]
    return told(Result(network, history, how, recorder.run_id, bool(pruning.study), run.name, where))


def _outlook(run: Prepared, checkpoints: Checkpoints, history: History) -> str:
    """What comes of a run whose checkpoints are kept."""
    if checkpoints.last is None:
        return GOES_ON
    if checkpoints.last == run.config.epochs or run.config.stopping.reason(history.epochs):
        return AFTER_THE_LAST
    return f"{GOES_ON} after epoch {checkpoints.last}"


def _follow(
    run: Prepared,
    network: Network,
    past: Sequence[EpochDone],
    listeners: Sequence[Listener],
    interrupts: Interrupts,
    pruning: Pruning,
) -> None:
    log.info("training %s on %s", run.name, run.dataset.name)
    rule: Any = pruning  # it is no part, as a configuration's are, and does what the trainer asks of one
    settings, started = replace(run.config, stopping=rule), Started(network, run.dataset, run.config.epochs, past)
    follow(settings, started, Listeners(listeners), interrupts, lambda: pruning.study)
