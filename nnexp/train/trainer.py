"""The loop: epoch after epoch, one event each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.errors import Diverged
from nnexp.nn.network import Network
from nnexp.train.events import EpochDone
from nnexp.train.monitor import SAMPLE, Monitor

STUCK = 0.1  # of the cost of knowing nothing; a network that has learnt everything may well stand still, far below
EXPLODED = 10.0  # times that cost
TOO_SMALL = "no step is large enough to change any weight. Try a larger eta"
LARGE = 10.0  # an input; those of images lie between 0 and 1


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
    monitor: Sequence[str] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[EpochDone]:
    """Train the network, yielding epoch 0 (untrained) and then each epoch as it is done.

    eta: step size per unit of mean gradient. done: the last epoch that the network has behind it; None if it is
    new. monitor: what else to measure, see `Monitor`. clock: seconds. Raises `Diverged` as soon as a number stops
    being finite, and after an epoch that has left the network hopeless.
    """
    weights, monitored = network.fingerprint(), Monitor(monitor, dataset.train)
    if done is None:
        yield EpochDone(0, accuracies(network, dataset) | monitored(network), weights)
    for epoch in range((done or 0) + 1, epochs + 1):
        started = clock()
        order = epoch_order(seed, epoch, len(dataset.train))
        try:
            cost = network.train_epoch(dataset.train, order, mini_batch_size, eta)
        except FloatingPointError as error:
            raise _diverged(epoch, str(error), network, dataset, eta) from error
        trained = clock()
        metrics = accuracies(network, dataset)
        metrics["train_cost"] = cost
        metrics["epoch_seconds"] = clock() - started
        metrics["examples_per_second"] = len(order) / (trained - started)
        before, weights = weights, network.fingerprint()
        stuck = weights == before
        if why := _hopeless(network, metrics, stuck):
            if stuck and eta < 1 and _would_move(network, dataset):
                raise Diverged(f"training stands still in epoch {epoch}: {TOO_SMALL} (it was {eta:g})")
            raise _diverged(epoch, why, network, dataset, eta)
        yield EpochDone(epoch, metrics | monitored(network), weights)


def _diverged(epoch: int, why: str, network: Network, dataset: Dataset, eta: float) -> Diverged:
    """The error, with advice that this network and these data do not follow yet."""
    largest = float(np.abs(dataset.train.x).max()) * dataset.train.scale
    advice = [f"inputs from 0 to 1 (the largest is {largest:g})"] if largest > LARGE else []
    advice.append(f"a smaller eta (it was {eta:g})")
    if not network.init.scaled:
        advice.append("init=scaled_gaussian")
    if not network.activation.bounded:
        advice.append("a bounded activation such as sigmoid")
    return Diverged(f"training diverged in epoch {epoch}: {why}. Try {' or '.join(advice)}.")


def _would_move(network: Network, dataset: Dataset) -> bool:
    """Whether a step along the mean gradient itself, that is with eta=1, would change any weight."""
    some = dataset.train.x[:SAMPLE] * network.dtype.type(dataset.train.scale)
    targets = dataset.train.targets(network.sizes[-1])[:SAMPLE]
    with np.errstate(over="ignore", invalid="ignore"):
        _, nabla_w = network.backprop(some.T, targets.T)
    steps = zip(network.weights, nabla_w, strict=True)
    return any(bool(np.any(w - (nabla / len(some)).astype(w.dtype) != w)) for w, nabla in steps)


def _hopeless(network: Network, metrics: dict[str, float], stuck: bool) -> str:
    """Why no further epoch can help, though every number is finite; nothing if one may.

    stuck: no bit of any weight has changed in the epoch. What a network costs that knows nothing, each output 1/2, is
    the measure.
    """
    classes = network.sizes[-1]
    cost, ignorant = metrics["train_cost"], network.cost.total(np.zeros((1, classes)), np.eye(1, classes))
    if stuck and cost > STUCK * ignorant:
        return f"all units are saturated and no weight moves any more, at a cost of {cost:.3g}"
    if cost > EXPLODED * ignorant and metrics["validation_accuracy"] < 2 / classes:
        return f"the cost is {cost:.3g}, and a network that knows nothing has {ignorant:.3g}"
    return ""


def accuracies(network: Network, dataset: Dataset) -> dict[str, float]:
    """The shares of test and validation examples that the network gets right."""
    return {
        "test_accuracy": network.evaluate(dataset.test) / len(dataset.test),
        "validation_accuracy": network.evaluate(dataset.validation) / len(dataset.validation),
    }
