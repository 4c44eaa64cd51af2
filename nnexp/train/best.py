"""The best epoch's weights, kept while training goes on."""

from __future__ import annotations

from nnexp.nn import weights_file
from nnexp.nn.arrays import Array
from nnexp.train.events import Ended, EpochDone, Event, Started
from nnexp.train.ranking import CHOSEN_BY


class Best:
    """A listener that keeps a copy of the weights of the epoch with the best validation accuracy.

    restored: whether the network gets them back in the end. arrays: by name, as in a saved network; empty before the
    first epoch. accuracy: its validation accuracy.
    """

    def __init__(self, restored: bool = False) -> None:
        self.arrays: dict[str, Array] = {}
        self.accuracy = -1.0
        self._restored = restored

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._network = event.network
            case EpochDone() if event.metrics[CHOSEN_BY] > self.accuracy:
                self.accuracy = event.metrics[CHOSEN_BY]
                self.arrays = {name: array.copy() for name, array in weights_file.layers(self._network).items()}
            case Ended(status="FINISHED") if self._restored:
                for name, array in weights_file.layers(self._network).items():
                    array[...] = self.arrays[name]
