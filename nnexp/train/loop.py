"""The loop: epoch after epoch, one event each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.errors import Diverged
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone


def epoch_order(seed: int, epoch: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The order of n examples in an epoch: a function of seed and epoch alone, so that nothing has to be saved."""
    return np.random.default_rng([seed, 1, epoch]).permutation(n)


def train(
    network: Network,
    dataset: Dataset,
    *,
    epochs: int,
    mini_batch_size: int,
    eta: float,
    seed: int,
    done: int | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[EpochDone]:
    """Train the network, yielding epoch 0 (untrained) and then each epoch as it is done.

    eta: step size per unit of mean gradient. done: the last epoch that the network has behind it; None if it is
    new. clock: seconds. Raises `Diverged` as soon as a number stops
    being finite.
    """
    if done is None:
        yield EpochDone(0, accuracies(network, dataset), network.fingerprint())
    for epoch in range((done or 0) + 1, epochs + 1):
        started = clock()
        order = epoch_order(seed, epoch, len(dataset.train))
        try:
            cost = network.train_epoch(dataset.train, order, mini_batch_size, eta)
        except FloatingPointError as error:
            raise Diverged(
                f"training diverged in epoch {epoch}: {error}. Try a smaller eta (it was {eta:g}), "
                "init=scaled_gaussian or a bounded activation such as sigmoid."
            ) from error
        trained = clock()
        metrics = accuracies(network, dataset)
        metrics["train_cost"] = cost
        metrics["epoch_seconds"] = clock() - started
        metrics["examples_per_second"] = len(order) / (trained - started)
        yield EpochDone(epoch, metrics, network.fingerprint())


def accuracies(network: Network, dataset: Dataset) -> dict[str, float]:
    """The shares of test and validation examples that the network gets right."""
    return {
        "test_accuracy": network.evaluate(dataset.test) / len(dataset.test),
        "validation_accuracy": network.evaluate(dataset.validation) / len(dataset.validation),
    }
