"""The loop: epoch after epoch, one event each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.dropout import Dropout, rates_of
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.train.ahead import epoch_examples
from nnexp.train.divergence import check, diverged
from nnexp.train.events import EpochDone
from nnexp.train.measuring import Monitoring, accuracies
from nnexp.train.protocol import TrainingSettings


def epoch_order(seed: int, epoch: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The order of n examples in an epoch: a function of seed and epoch alone, so that nothing has to be saved."""
    return np.random.default_rng([seed, 1, epoch]).permutation(n)


def train(
    network: Network,
    dataset: Dataset,
    settings: TrainingSettings,
    past: Sequence[EpochDone] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[EpochDone]:
    """Train the network, yielding epoch 0 (untrained) and then each epoch as it is done, until the last or a stop.

    past: the epochs that the network has behind it, epoch 0 first; none if it is new. clock: seconds. Raises
    `Diverged` as soon as a number stops being finite, and after an epoch that has left the network hopeless.
    """
    history, monitored = list(past), Monitoring(settings.monitor, dataset, settings.mini_batch_size)
    if not history:
        history.append(EpochDone(0, accuracies(network, dataset) | monitored(network), network.fingerprint()))
        yield history[-1]
    with epoch_examples(settings.augment, dataset, settings.seed, settings.epochs) as examples_of:
        while not is_over(settings, history):
            epoch = history[-1].epoch + 1
            rate = settings.schedule.rate(settings.eta, epoch, settings.epochs, history)
            metrics = _epoch(network, dataset, examples_of, settings, epoch, rate, clock)
            weights = network.fingerprint()
            stuck = weights == history[-1].weights and rate >= settings.eta  # else the schedule has brought it to rest
            check(epoch, metrics, stuck, network, dataset, rate)
            if settings.schedule.logged:
                metrics["learning_rate"] = rate
            history.append(EpochDone(epoch, metrics | monitored(network, rate), weights))
            yield history[-1]


def is_over(settings: TrainingSettings, history: Sequence[EpochDone]) -> bool:
    """Whether no further epoch follows these."""
    return history[-1].epoch >= settings.epochs or bool(settings.stopping.reason(history))


def _epoch(
    network: Network,
    dataset: Dataset,
    examples_of: Callable[[int], Examples],
    settings: TrainingSettings,
    epoch: int,
    rate: float,
    clock: Callable[[], float],
) -> dict[str, float]:
    """Train one epoch; gives its metrics."""
    started = clock()
    order = epoch_order(settings.seed, epoch, len(dataset.train))
    rates = rates_of(settings.dropout, network.num_layers)
    dropout = Dropout(network.sizes, rates, [settings.seed, 2, epoch])
    try:
        cost = network.train_epoch(examples_of(epoch), order, settings.mini_batch_size, rate, dropout)
    except FloatingPointError as error:
        raise diverged(epoch, str(error), network, dataset, rate) from error
    trained = clock()
    return accuracies(network, dataset) | {
        "train_cost": cost,
        "epoch_seconds": clock() - started,
        "examples_per_second": len(order) / (trained - started),
    }
