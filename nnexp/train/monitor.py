"""What is measured of each layer after an epoch, where the settings ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples

if TYPE_CHECKING:  # the configuration knows what can be monitored, and has no use for BLAS
    from nnexp.nn.network import Network

SAMPLE = 1000  # examples: a few milliseconds, and shares that are right to a percent or two


class Monitor:
    """Measures a network layer by layer, on 1,000 of the examples, spread evenly over all; changes nothing in it.

    names: of what to measure, any of `MONITORED`. The metrics are called after the layers, 1 behind the input.
    """

    def __init__(self, names: Sequence[str], examples: Examples) -> None:
        self._names = names
        n = min(SAMPLE, len(examples))
        places = np.arange(n) * len(examples) // n  # not the first ones: a file may be sorted by class
        self._sample = Examples(examples.x[places], examples.y[places], examples.scale)

    def __call__(self, network: Network) -> dict[str, float]:
        """The metrics of the network as it is now: `gradient_norm/layer_1`, `saturated/layer_1` and so on."""
        if not self._names:
            return {}
        metrics: dict[str, float] = {}
        x = (self._sample.x * network.dtype.type(self._sample.scale)).T
        y = self._sample.targets(network.sizes[-1]).T
        with np.errstate(over="ignore", invalid="ignore"):  # a network that diverges is the loop's to tell
            for name in self._names:
                metric, measure = MEASURES[name]
                values = enumerate(measure(network, x, y), start=1)
                metrics |= {f"{metric}/layer_{layer}": value for layer, value in values}
        return metrics


def gradient_norms(network: Network, x: Array, y: Array) -> Iterator[float]:
    """The Euclidean norm of the mean gradient of the cost with respect to each layer's weights.

    x: (n_in, m), y: (n_out, m), one example per column. In units of cost per unit of weight.
    """
    _, nabla_w = network.backprop(x, y)
    for nabla in nabla_w:
        yield float(np.linalg.norm(nabla.astype(np.float64))) / x.shape[1]


def saturated_shares(network: Network, x: Array, y: Array) -> Iterator[float]:
    """The share of each layer's activations, units times examples, that are saturated (0 to 1).

    What that means, an activation says. Outputs are sigmoids, and those of a network that has learnt are saturated
    with good reason: the targets are 0 and 1.
    """
    *hidden, outputs = network.activations(x)
    for a in hidden:
        yield float(network.activation.saturated(a).mean())
    yield float(network.cost.outputs.saturated(outputs).mean())


MEASURES: dict[str, tuple[str, Callable[[Network, Array, Array], Iterator[float]]]] = {
    "gradients": ("gradient_norm", gradient_norms),
    "saturation": ("saturated", saturated_shares),
}
MONITORED = tuple(MEASURES)
