"""The first layer's weights at a few epochs, for pictures of how they come about."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnexp.errors import DataError
from nnexp.nn.arrays import Array
from nnexp.nn.network import Network
from nnexp.train.events import Ended, EpochDone, Event, Started

UNITS = 100  # more would be too small to see
VALUES = 2**20  # of a snapshot; weights that large images feed are for fewer units
DTYPE = np.dtype(np.float16)  # of far more levels than a picture has
NAME = "snapshot_"  # and the epoch: what a snapshot is called in a checkpoint


class Snapshots:
    """A listener that keeps the first layer's weights where examples are images.

    epochs: by epoch, `(units, values)` of float16, of the first 100 units at most; of the untrained network, of epochs
    1, 2, 5, 10, 20, 50 and so on, and of the network as it ends.
    """

    def __init__(self) -> None:
        self.epochs: dict[int, Array] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case Started(past=past):
                self._started = event
                if past and is_shown(past[-1].epoch):  # the checkpoint may be of a run that was begun without pictures
                    self._keep(past[-1].epoch)
            case EpochDone(epoch=epoch) if is_shown(epoch):
                self._keep(epoch)
            case Ended(status="FINISHED", epoch=epoch):
                self._keep(epoch)
                self.epochs = dict(sorted(self.epochs.items()))

    def arrays(self) -> dict[str, Array]:
        """The snapshots by name, as a checkpoint holds them."""
        return {f"{NAME}{epoch}": weights for epoch, weights in self.epochs.items()}

    def _keep(self, epoch: int) -> None:
        if self._started.dataset.image_shape:
            self.epochs[epoch] = snapshot(self._started.network)


def is_shown(epoch: int) -> bool:
    """Whether an epoch is one of 0, 1, 2, 5, 10, 20, 50, ...: weights change less and less."""
    return epoch == 0 or str(epoch).rstrip("0") in ("1", "2", "5")


def snapshot(network: Network) -> Array:
    """The weights of the units that are shown, as they are now."""
    weights = network.weights[0]
    units = max(1, min(UNITS, VALUES // weights.shape[1]))
    limit = np.finfo(DTYPE).max
    return np.asarray(np.clip(weights[:units], -limit, limit).astype(DTYPE))


def restored(arrays: dict[str, Array], network: Network, path: Path) -> dict[int, Array]:
    """The snapshots among a checkpoint's arrays, by epoch; raises `DataError` for one that this network can't have."""
    expected = snapshot(network)
    epochs: dict[int, Array] = {}
    for name, found in arrays.items():
        epoch = name.removeprefix(NAME)
        if epoch == name:
            continue
        if not epoch.isdecimal() or found.shape != expected.shape or found.dtype != DTYPE:
            raise DataError(f"{path}: {name} is {found.dtype} {found.shape}, expected {DTYPE} {expected.shape}")
        epochs[int(epoch)] = found
    return epochs
