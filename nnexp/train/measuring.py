"""What is measured of a network after each epoch: its accuracies, and what monitors see in a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.examples import Examples
from nnexp.train.monitors.base import Monitor

if TYPE_CHECKING:  # what a run needs is told without BLAS, which takes long to import
    from nnexp.nn.network import Network

SAMPLE = 1000  # examples: a few milliseconds, and shares that are right to a percent or two


def accuracies(network: Network, dataset: Dataset) -> dict[str, float]:
    """The shares of test and validation examples that the network gets right."""
    return {
        "test_accuracy": network.evaluate(dataset.test) / len(dataset.test),
        "validation_accuracy": network.evaluate(dataset.validation) / len(dataset.validation),
    }


class Monitoring:
    """Monitors a network layer by layer, on 1,000 of the examples, spread evenly over all; changes nothing in it.

    kinds: of the monitors. The metrics are called after the layers, 1 behind the input.
    """

    def __init__(self, kinds: Sequence[str], examples: Examples) -> None:
        self._monitors = [Monitor.named(kind) for kind in kinds]
        n = min(SAMPLE, len(examples))
        places = np.arange(n) * len(examples) // n  # not the first ones: a file may be sorted by class
        self._sample = Examples(examples.x[places], examples.y[places], examples.scale)

    def __call__(self, network: Network) -> dict[str, float]:
        """The metrics of the network as it is now: `gradient_norm/layer_1`, `saturated/layer_1` and so on."""
        if not self._monitors:
            return {}
        metrics: dict[str, float] = {}
        x = (self._sample.x * network.dtype.type(self._sample.scale)).T
        y = self._sample.targets(network.sizes[-1]).T
        with np.errstate(over="ignore", invalid="ignore"):  # a network that diverges is the loop's to tell
            for monitor in self._monitors:
                values = enumerate(monitor.measure(network, x, y), start=1)
                metrics |= {f"{monitor.metric}/layer_{layer}": value for layer, value in values}
        return metrics
