"""What a network costs on examples, as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnexp.nn.examples import Examples

if TYPE_CHECKING:  # what can be monitored is known without BLAS
    from nnexp.nn.network import Network

AT_ONCE = 1000  # examples, as where a network is evaluated


def mean_cost(network: Network, examples: Examples) -> float:
    """The mean cost per example, without what a regulariser adds to it."""
    total, scale, targets = 0.0, network.dtype.type(examples.scale), examples.targets(network.sizes[-1])
    for start in range(0, len(examples), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        x = (examples.x[some] * scale).T
        *_, a, _ = x, *network.activations(x)
        z = a.T @ network.weights[-1].T + network.biases[-1].T
        total += network.cost.total(z, targets[some].astype(network.dtype))
    return total / len(examples)
