"""How large the gradient of each layer is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class Gradients(Monitor):
    """The Euclidean norm of the mean gradient of the cost with respect to a layer's weights.

    In units of cost per unit of weight. Source: Nielsen, chapter 5, on gradients that vanish.
    """

    kind: str = "gradients"
    metric: ClassVar[str] = "gradient_norm"
    logarithmic: ClassVar[bool] = True

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        _, nabla_w = seen.network.backprop(seen.x, seen.y)
        for nabla in nabla_w:
            yield float(np.linalg.norm(nabla.astype(np.float64))) / seen.x.shape[1]
