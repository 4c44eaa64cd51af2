"""What is kept of a network from step to step and from epoch to epoch, beside its weights and biases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.update import FIRST, LATEST, Update

Layers = dict[str, list[Array]]  # the "weights" and the "biases" of all layers; written in place, and exchanged


class Kept:
    """What the optimiser keeps of weights and biases, and the latest of them where the network has their average.

    arrays: by name, `velocity_weights_1`, `latest_biases_2`, ...; 0 at first. steps, epochs: `(1,)`, how many were
    made; among the arrays if they are read.
    """

    def __init__(self, layers: Layers, update: Update) -> None:
        self._average = update.average
        self.steps, self.epochs = np.zeros((2, 1), np.int64)
        self.arrays = {
            f"{kept}_{name}": np.zeros_like(array)
            for kept in (*update.optimiser.keeps, *([LATEST] if update.average.each else []))
            for name, array in _named(layers)
        }
        if update.average.each or update.numbers(FIRST):
            self.arrays["steps"] = self.steps
        if update.average.each == "epoch":
            self.arrays["epochs"] = self.epochs

    @contextmanager
    def latest(self, layers: Layers) -> Iterator[None]:
        """While it lasts, an epoch, the weights and biases are the latest ones, and their average is kept instead."""
        if not self._average.each:
            yield
            return
        if not self.steps[0]:  # both are the first ones
            for name, array in _named(layers):
                self.arrays[f"{LATEST}_{name}"][...] = array
        self._exchange(layers)
        try:
            yield
            self.epochs += 1
            if self._average.each == "epoch":
                self._take(layers, float(self._average.share(self.epochs)[0]))
        finally:
            self._exchange(layers)

    def _exchange(self, layers: Layers) -> None:
        """Let the layers' arrays and those that are kept beside them change places."""
        for name, arrays in layers.items():
            for layer, array in enumerate(arrays):
                key = f"{LATEST}_{name}_{layer + 1}"
                arrays[layer], self.arrays[key] = self.arrays[key], array

    def _take(self, layers: Layers, share: float) -> None:
        """Add so much of the layers to the average, which has changed places with them."""
        for name, array in _named(layers):
            average = self.arrays[f"{LATEST}_{name}"]
            average *= 1 - share
            average += share * array


def _named(layers: Layers) -> Iterator[tuple[str, Array]]:
    """All arrays by name, as in `weights_1`."""
    for name, arrays in layers.items():
        for layer, array in enumerate(arrays, start=1):
            yield f"{name}_{layer}", array
