"""How large the weights of each layer are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class Weights(Monitor):
    """The Euclidean norm of a layer's weights, biases left out.

    Source: Nielsen, chapter 3, on what regularization keeps small.
    """

    kind: str = "weights"
    metric: ClassVar[str] = "weight_norm"

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        for w in seen.network.weights:
            yield float(np.linalg.norm(w.astype(np.float64)))
