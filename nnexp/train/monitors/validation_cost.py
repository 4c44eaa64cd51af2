"""What a network costs on what it has not learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nnexp.nn.mean_cost import mean_cost
from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class ValidationCost(Monitor):
    """The mean cost of the validation examples, without a regulariser's penalty.

    It often rises long before accuracy falls. Source: Nielsen, chapter 3, "Overfitting and regularization".
    """

    kind: str = "validation_cost"
    metric: ClassVar[str] = "validation_cost"
    of_layers: ClassVar[bool] = False

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        yield mean_cost(seen.network, seen.validation)
