"""What is measured of a network after each epoch: its accuracies, and what monitors see in a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.examples import Examples
from nnexp.train.monitors.base import AfterEpoch, Monitor

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
    """Monitors a network, where it is about layers on 1,000 of the training examples, spread evenly over all.

    kinds: of the monitors, which change nothing in the network. mini_batch_size: examples per step.
    """

    def __init__(self, kinds: Sequence[str], dataset: Dataset, mini_batch_size: int) -> None:
        self._monitors = [Monitor.named(kind) for kind in kinds]
        self._dataset, self._mini_batch_size = dataset, mini_batch_size
        examples = dataset.train
        n = min(SAMPLE, len(examples))
        places = np.arange(n) * len(examples) // n  # not the first ones: a file may be sorted by class
        self._sample = Examples(examples.x[places], examples.y[places], examples.scale)

    def __call__(self, network: Network, rate: float = 0.0) -> dict[str, float]:
        """The metrics of the network as it is now: `gradient_norm/layer_1`, `training_accuracy` and so on.

        rate: the learning rate of the epoch that has passed; 0 if none has.
        """
        if not self._monitors:
            return {}
        x = (self._sample.x * network.dtype.type(self._sample.scale)).T
        y = self._sample.targets(network.sizes[-1]).T
        train, validation = self._dataset.train, self._dataset.validation
        seen = AfterEpoch(network, train, validation, x, y, rate, self._mini_batch_size)
        with np.errstate(over="ignore", invalid="ignore"):  # a network that diverges is the loop's to tell
            return {name: value for monitor in self._monitors for name, value in monitor.metrics(seen).items()}
