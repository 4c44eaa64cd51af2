"""Monitors: what is measured of a network after an epoch where the settings ask for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, ClassVar

from nnexp.component import Component
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples

if TYPE_CHECKING:  # the configuration knows what can be monitored, and has no use for BLAS
    from nnexp.nn.network import Network


@dataclass(frozen=True)
class AfterEpoch:
    """What there is to measure when an epoch has passed.

    x: (n_in, m), y: (n_out, m): a sample of the training examples, one per column. rate: the learning rate of the
    epoch; 0 for the untrained network. mini_batch_size: examples per step.
    """

    network: Network
    train: Examples
    validation: Examples
    x: Array
    y: Array
    rate: float
    mini_batch_size: int


@dataclass
class Monitor(Component):
    """A number for each layer, or one for the whole network.

    metric: what it is called: of layers `gradient_norm/layer_1` and so on, 1 behind the input. of_layers: whether it is
    of each. logarithmic: whether its picture shows powers of ten.
    """

    group = "monitor"
    metric: ClassVar[str]
    of_layers: ClassVar[bool] = True
    logarithmic: ClassVar[bool] = False

    @abstractmethod
    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        """The numbers of the layers, the first behind the input first, or the network's; none if there are none yet.

        May change nothing in the network.
        """

    def metrics(self, seen: AfterEpoch) -> dict[str, float]:
        """The same by the names of metrics."""
        names = (f"{self.metric}/layer_{layer}" for layer in count(1)) if self.of_layers else (self.metric,)
        return dict(zip(names, self.measure(seen), strict=False))  # as many as there are numbers
