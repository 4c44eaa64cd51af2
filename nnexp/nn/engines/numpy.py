"""The engine of numpy's calls: the plain reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.dropout import Dropout
from nnexp.nn.engines.base import Engine, Trained
from nnexp.nn.examples import Examples
from nnexp.nn.minibatches import blocks, groups
from nnexp.nn.workspace import Workspace

if TYPE_CHECKING:
    from nnexp.nn.descent import Descent

EVALUATED_AT_ONCE = 1000  # examples: enough for BLAS to run at full speed, little enough to stay in cache


@dataclass
class Numpy(Engine):
    """Numpy's calls, one for each operation on a mini-batch; starts at once."""

    kind: str = "numpy"

    def train(self, network: Trained, examples: Examples, order: Array, m: int, eta: float, dropout: Dropout) -> float:
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):  # checked below, once for many steps
            for whole, size in groups(len(order), m):
                workspace = _workspace(network, size, dropout)
                descent = _descent(network, workspace, eta, len(examples))
                for x, y in blocks(examples, order[whole], size, network.sizes[-1], network.dtype, dropout.width):
                    network.standardise(x)
                    factors = dropout.factors(len(x), network.dtype)
                    if (of_inputs := factors[:, dropout.columns[0]]).size:
                        x *= of_inputs  # noqa: PLW2901  # its memory is for this block alone
                    z = _train_block(x, y, factors, workspace, descent, network)
                    total += network.cost.total(z, y)
                    if not np.isfinite(z.sum()):
                        raise FloatingPointError("a weighted input is not finite")
        return total

    def outputs(self, network: Trained, examples: Examples) -> Array:
        outputs = np.empty((len(examples), network.sizes[-1]), network.dtype)
        scale = network.dtype.type(examples.scale)
        for whole, m in groups(len(examples), EVALUATED_AT_ONCE):
            workspace = _workspace(network, m, Dropout(network.sizes))
            x = np.empty((m, network.sizes[0]), network.dtype)
            for start in range(whole.start, whole.stop, m):
                block = slice(start, start + m)
                np.multiply(examples.x[block], scale, out=x, casting="same_kind")
                network.standardise(x)
                workspace.forward(x)
                outputs[block] = workspace.layers[-1].a
        return outputs


def _workspace(network: Trained, m: int, dropout: Dropout) -> Workspace:
    return Workspace(network.weights, network.biases, m, network.activation, network.cost, dropout)


def _descent(network: Trained, workspace: Workspace, eta: float, n: int) -> Descent:
    from nnexp.nn.descent import Descent  # BLAS takes long to import

    layers = range(1, len(network.sizes))
    arrays = [(network.kept("weights", layer), network.kept("biases", layer)) for layer in layers]
    return Descent(workspace, network.update, arrays, eta, n)


def _train_block(x: Array, y: Array, factors: Array, workspace: Workspace, descent: Descent, network: Trained) -> Array:
    """One step for each mini-batch; gives what the output units were fed before it, `(rows, n_out)`."""
    z = np.empty_like(y)
    output, targets = workspace.layers[-1].z, workspace.y
    steps = np.arange(len(x) // workspace.m) + network.steps[0] + 1
    batches = (rows.reshape(len(steps), workspace.m, rows.shape[1]) for rows in (x, y, z, factors))
    numbers = list(zip(*network.update.numbers(steps), strict=True)) or [()] * len(steps)
    for x_batch, y_batch, z_batch, f_batch, of_step in zip(*batches, numbers, strict=True):
        targets[:] = y_batch
        if f_batch.size:
            workspace.factors[:] = f_batch
        for memory, number in zip(descent.numbers, of_step, strict=True):
            memory[:] = number
        workspace.forward(x_batch)
        workspace.backward()
        descent(x_batch)
        z_batch[:] = output
    network.steps += len(steps)
    return z
