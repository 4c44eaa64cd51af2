"""scikit-learn's classifier by plain gradient descent: its outputs are a softmax, its cost the log-likelihood."""

from __future__ import annotations

from bench_epoch.task import Epochs, Task, timed
from nnexp.nn.arrays import Array


def sklearn(task: Task) -> Epochs:
    """Train by `partial_fit`, which is one epoch, on examples that are in their order already."""
    from sklearn.neural_network import MLPClassifier

    (x, labels), *evaluated = task.floats
    start, sizes = task.network(), task.config.sizes
    net = MLPClassifier(
        sizes[1:-1],
        activation="logistic",
        solver="sgd",
        alpha=0,
        batch_size=task.m,
        learning_rate_init=task.config.eta,
        momentum=0,
        shuffle=False,
    )
    net.partial_fit(x[: task.m], labels[: task.m], classes=range(sizes[-1]))  # makes what the weights go into
    for coefs, intercepts, w, b in zip(net.coefs_, net.intercepts_, start.weights, start.biases, strict=True):
        coefs[:], intercepts[:] = w.T, b[:, 0]

    def epoch(order: Array) -> float:
        net.partial_fit(x[order], labels[order])
        for part in evaluated:
            net.score(*part)
        return float(net.loss_)

    return timed(task, epoch)
