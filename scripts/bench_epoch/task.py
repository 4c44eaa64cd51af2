"""What everybody who is measured is given: the same first weights, the same data, the same order."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nnexp.config.compose import config_of
from nnexp.config.schema import Config
from nnexp.data.dataset import Dataset
from nnexp.nn.arrays import Array
from nnexp.nn.network import Network
from nnexp.runner.preparation import new_network
from nnexp.train.trainer import epoch_order


class Epoch(NamedTuple):
    """An epoch that was run.

    seconds: wall-clock, evaluation included. cost: the mean over examples, each counted before the step that it was
    part of; None of who computes none.
    """

    seconds: float
    cost: float | None


Epochs = Iterator[Epoch]  # each next() runs one epoch


@dataclass(frozen=True)
class Task:
    """Settings, as on the command line and as a configuration, and the data."""

    words: tuple[str, ...]
    config: Config
    dataset: Dataset

    @classmethod
    def of(cls, words: Sequence[str]) -> Task:
        """The task that the words say; raises `ConfigError` with what is wrong with them."""
        config = config_of(words)
        return cls(tuple(words), config, config.data.load())

    @property
    def m(self) -> int:
        """Examples per step."""
        return self.config.mini_batch_size

    def network(self) -> Network:
        """Ours, with the first weights."""
        return new_network(self.config, self.dataset)

    def order(self, epoch: int) -> Array:
        """In which order an epoch, the first is 1, takes the training examples."""
        return epoch_order(self.config.seed, epoch, len(self.dataset.train))

    @cached_property
    def floats(self) -> list[tuple[Array, Array]]:
        """Inputs as float32 between 0 and 1, `(n, n_in)`, and labels: to train, to validate, to test."""
        parts = (self.dataset.train, self.dataset.validation, self.dataset.test)
        return [(part.x * np.float32(part.scale), part.labels.astype(np.int64)) for part in parts]

    @cached_property
    def targets(self) -> Array:
        """What the training examples should give, `(n, n_out)`, as float32."""
        return self.dataset.train.targets(self.config.sizes[-1]).astype(np.float32)

    def cost(self, part: int = 1) -> float:
        """What our network costs in the first epoch, or in the first of so many equal parts of it."""
        order = self.order(1)
        return self.network().train_epoch(self.dataset.train, order[: len(order) // part], self.m, self.config.eta)


def timed(task: Task, epoch: Callable[[Array], float | None]) -> Epochs:
    """Run `epoch`, which is given its order and gives its cost, at each next()."""
    for number in itertools.count(1):
        start = time.perf_counter()
        cost = epoch(task.order(number))
        yield Epoch(time.perf_counter() - start, cost)
