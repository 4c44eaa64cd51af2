"""One run from settings to result: data, network, training, and everyone who listens."""

from __future__ import annotations

import logging
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from nnexp.config import Config, check_against, defaults, flat
from nnexp.nn.blas import blas_threads
from nnexp.nn.network import Network
from nnexp.report.run_folder import RunFolder
from nnexp.track.provenance import provenance
from nnexp.track.tracking import Record, Recorder
from nnexp.train.events import Ended, Listener, Started
from nnexp.train.history import History
from nnexp.train.interrupts import Interrupts
from nnexp.train.listeners import Listeners
from nnexp.train.loop import train
from nnexp.train.progress import progress

log = logging.getLogger(__name__)

ALWAYS_NAMED = ("sizes", "eta", "seed")


@dataclass(frozen=True)
class Result:
    """What a run gives: its trained network and everything it measured."""

    network: Network
    history: History

    @property
    def objective(self) -> float:
        """What choosing between runs goes by: the best accuracy on validation, never on test examples."""
        return self.history.best("validation_accuracy").metrics["validation_accuracy"]


def train_run(config: Config, folder: Path) -> Result:
    """Train the network that the configuration describes; its files go into `folder`.

    Raises `ConfigError` or `DataError` before anything is written, `TrackingError` if the store does not open,
    `Diverged`, `NotRemembered` if what was trained could not be logged, and `Interrupted` after Ctrl-C or SIGTERM.
    """
    dataset = config.data.load()
    check_against(config, dataset)
    network = Network(
        config.sizes,
        activation=config.activation,
        cost=config.cost,
        init=config.init,
        dtype=config.dtype,
        rng=[config.seed, 0],
    )
    history = History()
    with Interrupts() as interrupts, blas_threads(config.threads):
        settings = flat(config)
        again = command(settings)
        tags = provenance() | {
            "nnexp.command": again,
            "nnexp.data.sha256": dataset.sha256,
            "mlflow.note.content": f"Made again by\n\n    {again}",
        }
        recorder = config.tracking.recorder(Record(run_name(settings), settings, tags, folder, interrupts.held))
        listeners: list[Listener] = [history, progress(), RunFolder(folder, OmegaConf.to_yaml(config), history)]
        if recorder:
            listeners.append(recorder)
        log.info("training %s on %s", run_name(settings), dataset.name)
        follow(config, Started(network, dataset, config.epochs), Listeners(listeners))
    report(history, folder, recorder)
    return Result(network, history)


def follow(config: Config, started: Started, listeners: Listeners) -> None:
    """Run the training loop and tell the listeners, the end whatever happens."""
    ended = Ended("FINISHED")
    try:
        listeners.start(started)
        for event in train(
            started.network,
            started.dataset,
            epochs=config.epochs,
            mini_batch_size=config.mini_batch_size,
            eta=config.eta,
            seed=config.seed,
        ):
            listeners.tell(event)
    except BaseException as error:
        ended = Ended("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED", error)
        raise
    finally:
        _report_errors(listeners.end(ended), ended)


def _report_errors(errors: list[BaseException], ended: Ended) -> None:
    """Raise the first error of those at the end, an interruption before others; only log them if one is on its way."""
    if errors and ended.error is None:
        raise next((error for error in errors if isinstance(error, KeyboardInterrupt)), errors[0])
    for error in errors:
        log.warning("while ending: %s", error)


def report(history: History, folder: Path, recorder: Recorder | None) -> None:
    """Tell the user how good it got and where everything is."""
    last, best = history.epochs[-1], history.best("test_accuracy")
    log.info(
        "test accuracy %.2f %% after %d epochs (best %.2f %% in epoch %d)",
        100 * last.metrics["test_accuracy"],
        last.epoch,
        100 * best.metrics["test_accuracy"],
        best.epoch,
    )
    log.info("files   %s", folder)
    for line in recorder.whereabouts() if recorder else []:
        log.info("%s", line)


def run_name(settings: dict[str, Any]) -> str:
    """`784-100-10 eta=3 seed=0`, and whatever else is not what conf/ says by default."""
    usual = defaults()
    more = [name for name, value in usual.items() if name not in ALWAYS_NAMED and settings[name] != value]
    words = [f"{name}={_short(settings[name])}" for name in ("eta", "seed", *more) if name != "tracking"]
    return " ".join(["-".join(map(str, settings["sizes"])), *words])


def command(settings: dict[str, Any]) -> str:
    """The command that makes the run again, whatever the defaults will be by then; where it was logged is left out."""
    words = [
        f"{name}={_typed(value)}"
        for name, value in settings.items()
        if value is not None and name.split(".")[0] != "tracking"
    ]
    return shlex.join(["python", "-m", "nnexp.run", *words])


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _typed(value: Any) -> str:
    """A value in Hydra's grammar."""
    if isinstance(value, list):
        return "[" + ",".join(map(_typed, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_typed(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and not value.replace("_", "").isalnum():
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)
