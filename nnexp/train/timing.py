"""How long an epoch takes, measured rather than guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.dropout import Dropout, rates_of
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.train.ahead import epoch_examples
from nnexp.train.measuring import accuracies
from nnexp.train.protocol import TrainingSettings

CHUNK = 50  # mini-batches between two looks at the clock
AUGMENTED = 1000  # images
ETA = 1e-6  # the network is thrown away; this only has to keep its numbers finite


def seconds_per_epoch(
    network: Network,
    dataset: Dataset,
    settings: TrainingSettings,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds for an epoch with its evaluation, from training this network so many seconds, at most an epoch.

    Of an augmentation too, as if each image were made before it is trained on: with every core at work, that is so.
    """
    n, m = len(dataset.train), settings.mini_batch_size
    order = np.arange(n)
    dropout = Dropout(network.sizes, rates_of(settings.dropout, network.num_layers))
    network.train_epoch(dataset.train, order[:m], m, ETA, dropout)  # what has to be compiled first is no epoch's
    network.outputs(Examples(dataset.train.x[:1], dataset.train.y[:1], dataset.train.scale))
    started, done = clock(), 0
    while done < n and clock() - started < seconds:
        part = order[done : done + CHUNK * m]
        network.train_epoch(dataset.train, part, m, ETA, dropout)
        done += len(part)
    trained = clock()
    accuracies(network, dataset)
    evaluated = clock()
    pace = (trained - started) / done * n + evaluated - trained
    if settings.augment.changes:
        train = dataset.train
        some = Examples(train.x[:AUGMENTED], train.y[:AUGMENTED], train.scale)
        with epoch_examples(settings.augment, replace(dataset, train=some), settings.seed, 1) as examples_of:
            examples_of(1)
        pace += (clock() - evaluated) / len(some) * n
    return pace
