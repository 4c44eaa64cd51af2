"""How large a step is beside the weights of each layer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class Updates(Monitor):
    """How far one step moves a layer's weights, as a share of their norm.

    The step is one more, at the epoch's learning rate and by the optimiser as it is, of a copy that is thrown away; its
    mini-batch is the same in every epoch. Of the whole epoch it would be something else, for steps undo each other.
    About 0.001 is often good. Source: Karpathy, CS231n, "Neural Networks Part 3", on the ratio of weights to updates.
    """

    kind: str = "updates"
    metric: ClassVar[str] = "update_ratio"
    logarithmic: ClassVar[bool] = True

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        if not seen.rate:
            return
        moved, m = copy.deepcopy(seen.network), seen.mini_batch_size
        places = np.arange(m) * len(seen.train) // m  # spread evenly
        with suppress(FloatingPointError):  # of a network that diverges: the next epoch tells
            moved.train_epoch(seen.train, places, m, seen.rate)
        for before, after in zip(seen.network.weights, moved.weights, strict=True):
            yield _norm(after - before) / (_norm(before) or 1.0)


def _norm(w: Array) -> float:
    return float(np.linalg.norm(w.astype(np.float64)))
