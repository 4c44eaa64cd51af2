"""How large the gradient of each layer is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.train.monitors.base import Monitor

if TYPE_CHECKING:
    from nnexp.nn.network import Network


@dataclass
class Gradients(Monitor):
    """The Euclidean norm of the mean gradient of the cost with respect to a layer's weights.

    In units of cost per unit of weight. Source: Nielsen, chapter 5, on gradients that vanish.
    """

    kind: str = "gradients"
    metric: ClassVar[str] = "gradient_norm"

    def measure(self, network: Network, x: Array, y: Array) -> Iterator[float]:
        _, nabla_w = network.backprop(x, y)
        for nabla in nabla_w:
            yield float(np.linalg.norm(nabla.astype(np.float64))) / x.shape[1]
