"""Monitors: what is measured of each layer after an epoch where the settings ask for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nnexp.component import Component
from nnexp.nn.arrays import Array

if TYPE_CHECKING:  # the configuration knows what can be monitored, and has no use for BLAS
    from nnexp.nn.network import Network


@dataclass
class Monitor(Component):
    """A number for each layer. metric: what it is called, `gradient_norm/layer_1` and so on, 1 behind the input."""

    group = "monitor"
    metric: ClassVar[str]

    @abstractmethod
    def measure(self, network: Network, x: Array, y: Array) -> Iterator[float]:
        """The numbers of the layers, the first behind the input first; may change nothing in the network.

        x: (n_in, m), y: (n_out, m), one example per column.
        """
