"""How much of each layer hardly learns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nnexp.train.monitors.base import AfterEpoch, Monitor


@dataclass
class Saturation(Monitor):
    """The share of a layer's activations, units times examples, that are saturated (0 to 1).

    What that means, an activation says. Outputs of a network that has learnt are saturated with good reason: the
    targets are 0 and 1.
    """

    kind: str = "saturation"
    metric: ClassVar[str] = "saturated"

    def measure(self, seen: AfterEpoch) -> Iterator[float]:
        network = seen.network
        *hidden, outputs = network.activations(seen.x)
        for a, activation in zip(hidden, network.activation.of_layers(len(hidden)), strict=True):
            yield float(activation.saturated(a).mean())
        yield float(network.cost.outputs.saturated(outputs).mean())
