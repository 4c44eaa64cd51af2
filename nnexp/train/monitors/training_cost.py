"""What a network costs on what it has learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nnexp.nn.mean_cost import mean_cost
from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class TrainingCost(Monitor):
    """The mean cost of all training examples, of the network as the epoch has left it.

    `train_cost`, which every epoch has, is the mean while it trains, and has the regulariser's penalty in it.
    """

    kind: str = "training_cost"
    metric: ClassVar[str] = "training_cost"
    of_layers: ClassVar[bool] = False

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        yield mean_cost(seen.network, seen.train)
