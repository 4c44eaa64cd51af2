"""PyTorch, eager and compiled: tensors on one thread, gradients by autograd, steps in place.

Tried besides, and slower: `nn.Sequential` with `optim.SGD`, fused or not; all examples gathered before the epoch; a
compiled step at a time, or without `cpp_wrapper`. Fifty steps in a function take minutes to compile and gain nothing.
"""

from __future__ import annotations

from typing import Any

from bench_epoch.task import Epochs, Task, timed
from nnexp.nn.arrays import Array

STEPS = 10  # in one compiled function


def eager(task: Task) -> Epochs:
    """Train step by step; sigmoids and the quadratic cost."""
    import torch

    data, layers = _Data(task), _first_weights(task)
    parameters = [parameter.requires_grad_() for layer in layers for parameter in layer]

    def epoch(order: Array) -> float:
        total = torch.zeros(())
        for index in torch.from_numpy(order).split(task.m):
            cost = _cost(layers, data.x[index], data.y[index], task.m)
            gradients = torch.autograd.grad(cost, parameters)
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter.sub_(gradient, alpha=task.config.eta)
            total += cost.detach()
        with torch.inference_mode():
            data.evaluate(lambda x: _outputs(layers, x))
        return float(total) * task.m / len(order)

    return timed(task, epoch)


def compiled(task: Task) -> Epochs:
    """Train ten steps at a time, which are one compiled function, as is the evaluation."""
    import torch

    data, layers, eta = _Data(task), _first_weights(task), task.config.eta
    value_and_gradient = torch.func.grad_and_value(lambda layers, x, y: _cost(layers, x, y, task.m))

    def some_steps(layers: Any, total: Any, indices: Any, x: Any, y: Any) -> None:
        for index in indices:
            gradients, cost = value_and_gradient(layers, x[index], y[index])
            for layer, of_layer in zip(layers, gradients, strict=True):
                for parameter, gradient in zip(layer, of_layer, strict=True):
                    parameter.sub_(gradient, alpha=eta)
            total.add_(cost)

    options = {"cpp_wrapper": True}
    run, outputs = (torch.compile(each, dynamic=False, options=options) for each in (some_steps, _outputs))

    def epoch(order: Array) -> float:
        total = torch.zeros(())
        with torch.no_grad():
            for indices in torch.from_numpy(order).view(-1, task.m).split(STEPS):
                run(layers, total, indices, data.x, data.y)
            data.evaluate(lambda x: outputs(layers, x))
        return float(total) * task.m / len(order)

    return timed(task, epoch)


class _Data:
    """The examples as tensors, which share their memory with the arrays. x: to train on; y: what they should give."""

    def __init__(self, task: Task) -> None:
        import torch

        torch.set_num_threads(1)
        tensors = [(torch.from_numpy(x), torch.from_numpy(labels)) for x, labels in task.floats]
        (self.x, _), *self._evaluated = tensors
        self.y = torch.from_numpy(task.targets)

    def evaluate(self, outputs: Any) -> list[int]:
        """How many of the validation and the test examples are right."""
        return [int((outputs(x).argmax(dim=1) == labels).sum()) for x, labels in self._evaluated]


def _first_weights(task: Task) -> list[list[Any]]:
    import torch

    start = task.network()
    arrays = zip(start.biases, start.weights, strict=True)
    return [[torch.from_numpy(b[:, 0].copy()), torch.from_numpy(w.copy())] for b, w in arrays]


def _outputs(layers: Any, x: Any) -> Any:
    import torch

    for b, w in layers:
        x = torch.sigmoid(torch.nn.functional.linear(x, w, b))
    return x


def _cost(layers: Any, x: Any, y: Any, m: int) -> Any:
    return (_outputs(layers, x) - y).square().sum() / (2 * m)
