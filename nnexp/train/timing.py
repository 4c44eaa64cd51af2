"""How long an epoch takes, measured rather than guessed."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.network import Network
from nnexp.train.measuring import accuracies

CHUNK = 50  # mini-batches between two looks at the clock
ETA = 1e-6  # the network is thrown away; this only has to keep its numbers finite


def seconds_per_epoch(
    network: Network,
    dataset: Dataset,
    mini_batch_size: int,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds for an epoch with its evaluation, from training this network so many seconds, at most an epoch."""
    n = len(dataset.train)
    order = np.arange(n)
    started, done = clock(), 0
    while done < n and clock() - started < seconds:
        part = order[done : done + CHUNK * mini_batch_size]
        network.train_epoch(dataset.train, part, mini_batch_size, ETA)
        done += len(part)
    trained = clock()
    accuracies(network, dataset)
    return (trained - started) / done * n + clock() - trained
