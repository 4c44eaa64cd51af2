"""What others' loops train: our network with suggested settings, an epoch at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

from bench_search.task import EPOCHS
from nnexp.data.dataset import Dataset
from nnexp.data.sources.mnist import Mnist
from nnexp.nn.blas import blas_threads
from nnexp.nn.engines.compiled import Compiled
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.network import Network
from nnexp.train.trainer import epoch_order


@cache
def mnist() -> Dataset:
    """The data, read once in a process."""
    return Mnist().load()


def accuracies(eta: float, mini_batch_size: int, sizes: str) -> Iterator[float]:
    """Validation accuracy after each epoch. sizes: as a list in JSON."""
    data = mnist()
    network = Network(json.loads(sizes), init=ScaledGaussian(), engine=Compiled(), rng=[0, 0])
    for epoch in range(1, EPOCHS + 1):
        with blas_threads(1):
            network.train_epoch(data.train, epoch_order(0, epoch, len(data.train)), mini_batch_size, eta)
            right = network.evaluate(data.validation)
        yield right / len(data.validation)
