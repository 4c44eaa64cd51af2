"""How much a network gets right of what it has learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class TrainingAccuracy(Monitor):
    """The share of all training examples, as they are in the data, that the network gets right (0 to 1).

    Beside validation accuracy it shows overfitting. Source: Nielsen, chapter 3, "Overfitting and regularization".
    """

    kind: str = "training_accuracy"
    metric: ClassVar[str] = "training_accuracy"
    of_layers: ClassVar[bool] = False

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        yield seen.network.evaluate(seen.train) / len(seen.train)
