"""Schedules: the learning rate of each epoch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component
from nnexp.train.events import EpochDone


@dataclass
class Schedule(Component):
    """How the learning rate changes from epoch to epoch.

    logged: whether each epoch has its rate as a metric, `learning_rate`.
    """

    group = "schedule"
    logged: ClassVar[bool] = True

    @abstractmethod
    def rate(self, eta: float, epoch: int, history: Sequence[EpochDone]) -> float:
        """The learning rate of an epoch, from these values alone: a run that goes on asks again.

        eta: what the settings say. epoch: counted from 1. history: the epochs before it, the untrained network first.
        """
