"""One run from settings to result: data, network, training, and everyone who listens."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from nnexp.config.naming import command, name_of, on_lines
from nnexp.config.schema import Config, check_against, flat
from nnexp.config.sweep_settings import Membership
from nnexp.data.dataset import Dataset
from nnexp.data.sources.base import Source
from nnexp.errors import ConfigError, UsageError, in_a_line
from nnexp.identity import run_key
from nnexp.launch.job_events import EpochsTold
from nnexp.nn.blas import blas_threads
from nnexp.nn.network import Network
from nnexp.plots.pictures import IMAGES
from nnexp.runner import checkpoint_folders, resume
from nnexp.runner.result import Result, result_line
from nnexp.runner.run_folder import FILES, RESULTS, RunFolder
from nnexp.runtime import files
from nnexp.runtime.cores import cores, more_than_cores
from nnexp.runtime.signals import Interrupts
from nnexp.tracking.contract import Record
from nnexp.tracking.provenance import changes, made_by_others, provenance
from nnexp.tracking.stores.off import Off
from nnexp.tracking.tags import CHECKPOINT_FOLDER, sweep_tags
from nnexp.train.best import Best
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import Ended, EpochDone, Listener, Started, Status
from nnexp.train.history import History
from nnexp.train.listeners import Listeners
from nnexp.train.memory import footprint, free_memory, own_memory, too_large
from nnexp.train.progress import lines, progress
from nnexp.train.snapshots import Snapshots
from nnexp.train.trainer import train

if TYPE_CHECKING:
    from nnexp.tracking.contract import RunStore, StoredRun

log = logging.getLogger(__name__)


def one_run(
    config: Config,
    folder: Path,
    load: Callable[[Source], Dataset] | None = None,
    free: Callable[[], int] = free_memory,
    beside: Collection[str] = (),
    membership: Membership | None = None,
) -> Result:
    """Do what is left of the run that the configuration describes; its files go into `folder`.

    load: what reads the data, if not the source itself. free: tells how many bytes of memory are. beside: names of what
    may be in the folder before. membership: in a sweep, if it is part of one. Raises `ConfigError`, `DataError`, or
    `UsageError` for a folder that is not the run's, before anything is written; `TrackingError` if the store does not
    open, `Diverged`, `NotRemembered` if what was trained could not be logged, `Interrupted` after Ctrl-C or SIGTERM.
    """
    dataset = load(config.data) if load else config.data.load()
    check_against(config, dataset)
    if problem := too_large(memory_needed(config, dataset), free() + own_memory()):
        raise ConfigError([f"sizes: got {config.sizes}, which {problem}"])
    if config.threads > cores() and not membership:  # a sweep tells it once
        log.warning("%s", more_than_cores("threads", config.threads))
    key = run_key(flat(config), dataset.sha256)
    with Interrupts() as interrupts, blas_threads(config.threads), files.taken(folder.resolve(), key, beside):
        store = config.tracking.open()
        if store is None:
            return _train(config, dataset, folder, key, interrupts, None, None, membership)
        with resume.alone(store, key):
            earlier = resume.earlier(store, key, config.resume)
            if earlier and membership:
                resume.join(earlier, membership.sweep, membership.group)
            if earlier and earlier.finished:
                result = _look_up(config, store, earlier, key, membership)
            else:
                result = _train(config, dataset, folder, key, interrupts, store, earlier, membership)
        if not membership:  # a sweep does it once, for all of its runs
            checkpoint_folders.tidy(store)
        return result


def _look_up(config: Config, store: RunStore, run: StoredRun, key: str, membership: Membership | None) -> Result:
    """The result of a run that is finished already."""
    from nnexp.tracking.stored_weights import epochs_of, network_of

    history, epochs = History(), epochs_of(run)
    network = network_of(run, epochs=epochs)
    for epoch in epochs:
        history(epoch)
    if left := checkpoint_folders.folder_of(run, key):  # by a process that was killed right after the run had ended
        checkpoint_folders.discard(left, key)
    name = name_of(config, membership.over if membership else ())
    log.info("%s is finished already, nothing to train (resume=never would)", name)
    for difference in made_by_others([run.tags]):
        log.warning("it may not be what this machine gives, to the last bit: %s", difference)
    report(history, store.whereabouts(run.id))
    return Result(network, history, "found", run.id)


def _train(
    config: Config,
    dataset: Dataset,
    folder: Path,
    key: str,
    interrupts: Interrupts,
    store: RunStore | None,
    earlier: StoredRun | None,
    membership: Membership | None,
) -> Result:
    """Train what is left, with everyone listening."""
    if earlier is None and (folder / RESULTS).exists():
        raise UsageError(f"{folder}: holds the files of an earlier run, expected a folder that is new or empty")
    network, history, best = new_network(config), History(), Best()
    name = name_of(config, membership.over if membership else ())
    shown = EpochsTold(lines()) if membership else progress()
    snapshots = Snapshots() if config.pictures else None
    run_folder = RunFolder(folder, OmegaConf.to_yaml(config), history, best, snapshots)
    listeners: list[Listener] = [history, shown, best, *([snapshots] if snapshots else []), run_folder]
    where: list[str] = []
    past: list[EpochDone] = []
    run_id = ""
    checkpoints_in = checkpoint_folders.folder_of(earlier, key) or checkpoint_folders.new_folder(key, folder)
    if store:
        tags = _tags(config, dataset, key, membership) | {CHECKPOINT_FOLDER: str(checkpoints_in)}
        record = Record(name, params_of(config), tags, folder, FILES, IMAGES, interrupts.held)
        recorder = store.recorder(record, earlier)
        upload = recorder.keep if config.checkpoint_upload else None
        checkpoints = Checkpoints(checkpoints_in, key, best, config.checkpoint_seconds, upload, snapshots=snapshots)
        if earlier:
            checkpoint_folders.fetch(earlier, checkpoints_in)
            past = checkpoints.restore(network)
            _say_where_it_goes_on(earlier, past, dataset)
        listeners += [recorder, checkpoints]
    log.info("training %s on %s", name, dataset.name)
    with checkpoint_folders.kept(checkpoints_in, key):
        follow(config, Started(network, dataset, config.epochs, past), Listeners(listeners), interrupts)
    if store:
        run_id = recorder.run_id
        where = store.whereabouts(run_id)
    report(history, [f"files   {folder}", *where])
    return Result(network, history, "continued" if earlier else "new", run_id)


def _say_where_it_goes_on(run: StoredRun, past: Sequence[EpochDone], dataset: Dataset) -> None:
    where = f"after epoch {past[-1].epoch}" if past else "from the start, for it has left no checkpoint"
    log.info("going on with run %s %s", run.id, where)
    for change in changes(run.tags, dataset.sha256):
        log.warning("it may not be the unbroken run to the last bit: %s", change)


def memory_needed(config: Config, dataset: Dataset) -> int:
    """The highest memory, in bytes, that a process which does this run alone will hold."""
    return footprint(
        config.sizes,
        config.mini_batch_size,
        config.dtype,
        dataset,
        monitor=config.monitor,
        tracked=config.tracking.kind != Off.kind,
    )


def new_network(config: Config) -> Network:
    """The network that the configuration describes, with the first weights of its seed."""
    try:
        return Network(
            config.sizes,
            activation=config.activation,
            cost=config.cost,
            init=config.init,
            dtype=config.dtype,
            rng=[config.seed, 0],
        )
    except (MemoryError, ValueError, OverflowError) as error:
        raise ConfigError([f"sizes: got {config.sizes}, expected a network that fits into memory ({error})"]) from error


def follow(config: Config, started: Started, listeners: Listeners, interrupts: Interrupts) -> None:
    """Run the training loop and tell the listeners, the end whatever happens; a signal waits until it is told."""
    ended = False
    try:
        listeners.start(started)
        for event in train(
            started.network,
            started.dataset,
            epochs=config.epochs,
            mini_batch_size=config.mini_batch_size,
            eta=config.eta,
            seed=config.seed,
            monitor=config.monitor,
            done=started.past[-1].epoch if started.past else None,
        ):
            listeners.tell(event)
        with interrupts.held():
            ended = True
            errors = listeners.end(Ended("FINISHED"))
    except BaseException as error:
        if not ended:
            status: Status = "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"
            with interrupts.held():
                for further in listeners.end(Ended(status, error)):
                    if in_a_line(further) != in_a_line(error):
                        log.warning("while ending: %s", in_a_line(further))
        raise
    if errors:
        raise errors[0]


def _tags(config: Config, dataset: Dataset, key: str, membership: Membership | None) -> dict[str, str]:
    again = command(flat(config))
    tags = provenance() | (sweep_tags(membership.sweep, membership.group) if membership else {})
    return tags | {
        "nnexp.key": key,
        "nnexp.command": again,
        "nnexp.data.sha256": dataset.sha256,
        "mlflow.note.content": f"Made again by\n\n{on_lines(shlex.split(again))}",
    }


def report(history: History, where: list[str]) -> None:
    """Tell the user how good it got and where everything is."""
    for line in (result_line(history), *where):
        log.info("%s", line)


def params_of(config: Config) -> dict[str, Any]:
    """The settings that are logged: all but how a sweep was made and launched."""
    return {name: value for name, value in flat(config).items() if not name.startswith(("launch", "sweep."))}
