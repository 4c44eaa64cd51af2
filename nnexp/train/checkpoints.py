"""Checkpoints: what a run needs to go on as if it had never stopped.

The weights, what the optimiser keeps, the epochs so far, the weights of the best epoch and those for pictures.
Randomness needs nothing: first weights and the order of every epoch are functions of the seed.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nnexp.errors import DataError
from nnexp.nn import weights_file
from nnexp.nn.arrays import Array
from nnexp.nn.network import Network
from nnexp.runtime import owned_files
from nnexp.train.best import Best
from nnexp.train.events import Ended, EpochDone, Event, Started
from nnexp.train.protocol import StoppingRule
from nnexp.train.ranking import CHOSEN_BY, best_of
from nnexp.train.snapshots import Snapshots, restored
from nnexp.train.stopping.never import Never

log = logging.getLogger(__name__)

BEST, OPTIMISER = "best_", "optimiser_"  # and the name of an array: what it is called in a checkpoint
KEPT = 2  # the last one, and the one before it for the case that the last is damaged
NAME = r"epoch-(\d{6,})\.npz"
ALL = rf"{NAME}|\.{NAME}(\.[0-9a-f]{{8}})?\.part"  # half-written ones too, of whoever was killed


class Checkpoints:
    """A listener that writes a checkpoint after an epoch, into a folder of the run's own.

    key: of the run; a checkpoint of another run is refused. seconds: wall-clock that has to pass between
    two checkpoints; the last epoch always gets one, and so does the last that was finished before a signal. stopping:
    tells which one is the last, if it is not that of the settings. written: is told of each file. snapshots: kept
    along, if any. last: the epoch of the newest checkpoint; None if there is none.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        best: Best,
        seconds: float,
        written: Callable[[Path], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        snapshots: Snapshots | None = None,
        stopping: StoppingRule | None = None,
    ) -> None:
        self._folder = folder
        self._key = key
        self._best = best
        self._snapshots = snapshots or Snapshots()
        self._stopping: StoppingRule = stopping or Never()
        self._seconds = seconds
        self._written = written
        self._clock = clock
        self._due = clock()
        self._epochs: list[EpochDone] = []
        self._unwritten: dict[str, Array] = {}  # of the last epoch, for the next one changes the network in its middle
        self.last: int | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._started = event
            case EpochDone():
                self._epochs.append(event)
                self._unwritten.clear()
                if self._clock() >= self._due or self._is_last(event):
                    try:
                        self._write(self._arrays())
                    finally:  # nor is one that could not be written tried again at once
                        self._due = self._clock() + self._seconds
                else:
                    self._unwritten = {name: array.copy() for name, array in self._arrays().items()}
            case Ended(status="KILLED") if self._unwritten:
                self._write(self._unwritten)

    def restore(self, network: Network) -> list[EpochDone]:
        """Fill the network from the last good checkpoint; gives the epochs that it has behind it, maybe none."""
        for path in newest_first(self._folder.glob("*")):
            try:
                self._read(path, network)
            except DataError as error:
                log.warning("%s; going back to the checkpoint before it", error)
            else:
                return list(self._epochs)
        return []

    def _is_last(self, event: EpochDone) -> bool:
        return event.epoch == self._started.epochs or bool(self._stopping.reason(self._epochs))

    def _arrays(self) -> dict[str, Array]:
        """What changes in the network, by the names that a checkpoint has for it."""
        network = self._started.network
        kept = {f"{OPTIMISER}{name}": array for name, array in network.optimiser_arrays().items()}
        return weights_file.layers(network) | kept

    def _write(self, arrays: dict[str, Array]) -> None:
        """Write the last epoch. arrays: of the network as it left it."""
        owned_files.take(self._folder, self._key)
        epoch = self._epochs[-1].epoch
        state = {"key": self._key, "epochs": [asdict(event) for event in self._epochs]}
        arrays = weights_file.description(self._started.network) | arrays
        arrays |= {f"{BEST}{name}": array for name, array in self._best.arrays.items()}
        arrays |= self._snapshots.arrays()
        path = self._folder / f"epoch-{epoch:06d}.npz"
        weights_file.write(path, arrays | {"state": np.array(json.dumps(state))})
        self.last = epoch
        old = newest_first(self._folder.glob("*"))[KEPT:]
        owned_files.discard(self._folder, self._key, "|".join(re.escape(path.name) for path in old))
        if self._written:
            self._written(path)

    def _read(self, path: Path, network: Network) -> None:
        arrays = weights_file.read(path)
        for name, expected in weights_file.description(network).items():
            if name not in arrays or not np.array_equal(arrays[name], expected):
                raise DataError(f"{path}: {name} is {arrays.get(name)}, expected {expected}")
        try:
            state = json.loads(str(arrays["state"]))
            epochs = [EpochDone(**event) for event in state["epochs"]]
            key, last = state["key"], epochs[-1]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DataError(f"{path}: state is not readable ({error}), expected the epochs of a run") from error
        if key != self._key:
            raise DataError(f"{path}: is of the run {key[:12]}, expected {self._key[:12]}")
        best, snapshots = _named(BEST, arrays), restored(arrays, network, path)
        chosen = best_of(epochs)
        before = weights_file.layers(network)
        try:
            _fill(network, best, chosen, path)
            _fill(network, arrays, last, path)
            weights_file.fill_optimiser(network, _named(OPTIMISER, arrays), path)
        except DataError:
            weights_file.fill(network, before, path)
            raise
        self._epochs, self.last = epochs, last.epoch
        self._snapshots.epochs = snapshots
        self._best.arrays = best
        self._best.accuracy = chosen.metrics[CHOSEN_BY]


def _named(prefix: str, arrays: dict[str, Array]) -> dict[str, Array]:
    """The arrays whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _fill(network: Network, arrays: dict[str, Array], epoch: EpochDone, path: Path) -> None:
    """Put the arrays into the network; raises `DataError` if they do not fit, or are not those of the epoch."""
    weights_file.fill(network, arrays, path)
    if network.fingerprint() != epoch.weights:
        raise DataError(f"{path}: the weights' hash is not the one of epoch {epoch.epoch}")


def newest_first(paths: Iterable[Path]) -> list[Path]:
    """Those of the paths that are named as checkpoints are, the latest epoch first."""
    epochs = {path: int(match[1]) for path in paths if (match := re.fullmatch(NAME, path.name))}
    return sorted(epochs, key=lambda path: epochs[path], reverse=True)


def discard(folder: Path, key: str) -> None:
    """Delete the checkpoints in a folder of the run with this key."""
    owned_files.discard(folder, key, ALL)
