"""When no further epoch can help, and what to try instead."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.errors import Diverged
from nnexp.nn.network import Network
from nnexp.train.measuring import SAMPLE

STUCK = 0.1  # of the cost of knowing nothing; a network that has learnt everything may well stand still, far below
EXPLODED = 10.0  # times that cost
TOO_SMALL = "no step is large enough to change any weight. Try a larger eta"
LARGE = 10.0  # an input; those of images lie between 0 and 1


def diverged(epoch: int, why: str, network: Network, dataset: Dataset, rate: float) -> Diverged:
    """The error, with advice that this network and these data do not follow yet. rate: the learning rate."""
    largest = float(np.abs(dataset.train.x).max()) * dataset.train.scale
    advice = [f"inputs from 0 to 1 (the largest is {largest:g})"] if largest > LARGE else []
    gain = network.optimiser.gain
    times = f", and {network.optimiser.kind} makes steps up to {gain:.3g} times as large" if gain > 1 else ""
    advice.append(f"a smaller eta (it was {rate:g}{times})")
    if weaker := network.regulariser.advice(rate, len(dataset.train)):
        advice.append(weaker)
    if not network.init.scaled:
        advice.append("init=scaled_gaussian")
    if not all(each.bounded for each in network.activation.of_layers(len(network.sizes) - 2)):
        advice.append("a bounded activation such as sigmoid")
    return Diverged(f"training diverged in epoch {epoch}: {why}. Try {' or '.join(advice)}.")


def check(
    epoch: int, metrics: Mapping[str, float], stuck: bool, network: Network, dataset: Dataset, rate: float
) -> None:
    """Raise `Diverged` after an epoch that has left the network hopeless, though every number is finite.

    stuck: no bit of any weight has changed in it, though no schedule has made its steps smaller.
    """
    penalty = network.regulariser.penalty(network.weights, len(dataset.train))  # says nothing of what it has learnt
    if not (why := _hopeless(network, metrics["train_cost"] - penalty, metrics["validation_accuracy"], stuck)):
        return
    if stuck and rate < 1 and _would_move(network, dataset):
        raise Diverged(f"training stands still in epoch {epoch}: {TOO_SMALL} (it was {rate:g})")
    raise diverged(epoch, why, network, dataset, rate)


def _hopeless(network: Network, cost: float, accuracy: float, stuck: bool) -> str:
    """Why no further epoch can help; nothing if one may. The measure is what a network costs that knows nothing."""
    classes = network.sizes[-1]
    one = np.eye(1, classes)
    ignorant, least = network.cost.total(np.zeros((1, classes)), one), network.cost.least(one)
    if stuck and cost - least > STUCK * (ignorant - least):
        return f"all units are saturated and no weight moves any more, at a cost of {cost:.3g}"
    if cost > EXPLODED * ignorant and accuracy < 2 / classes:
        return f"the cost is {cost:.3g}, and a network that knows nothing has {ignorant:.3g}"
    return ""


def _would_move(network: Network, dataset: Dataset) -> bool:
    """Whether a step along the mean gradient itself, that is with eta=1, would change any weight."""
    some = dataset.train.x[:SAMPLE] * network.dtype.type(dataset.train.scale)
    targets = dataset.train.targets(network.sizes[-1])[:SAMPLE]
    with np.errstate(over="ignore", invalid="ignore"):
        _, nabla_w = network.backprop(some.T, targets.T)
    steps = zip(network.weights, nabla_w, strict=True)
    return any(bool(np.any(w - (nabla / len(some)).astype(w.dtype) != w)) for w, nabla in steps)
