"""Schedules: the learning rate of each epoch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component, setting, whole
from nnexp.train.events import EpochDone


@dataclass
class Schedule(Component):
    """How the learning rate changes from epoch to epoch, as a multiple of eta.

    changes: whether it does, warm-up aside.
    """

    group = "schedule"
    changes: ClassVar[bool] = True

    warm_up: int = setting(
        0,
        help="epochs before the schedule begins, in which the rate rises to eta in equal steps: with 3, a quarter, "
        "a half and three quarters of it",
        rule=whole(0),
        since=0,
    )

    @abstractmethod
    def multiplier(self, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        """By what eta is multiplied in an epoch, from these values alone: a run that goes on asks again.

        epoch: counted from 1, which is the first one behind the warm-up. epochs: how many there are to be from there
        on, at least `epoch`. history: the epochs before it, first the network as it is when the schedule begins.
        """

    def rate(self, eta: float, epoch: int, epochs: int, history: Sequence[EpochDone]) -> float:
        """The learning rate of an epoch.

        eta: what the settings say. epoch: counted from 1. epochs: how many there are to be, at most. history: the
        epochs before it, the untrained network first. Source of the warm-up: Goyal et al., Accurate, Large Minibatch
        SGD, 2017, section 2.2, by epochs instead of steps.
        """
        if epoch <= self.warm_up:
            return eta * epoch / (self.warm_up + 1)
        return eta * self.multiplier(epoch - self.warm_up, epochs - self.warm_up, history[self.warm_up :])

    def too_late(self, epochs: int) -> list[str]:
        """What is wrong with its settings for so many epochs, a line each."""
        late = isinstance(self.warm_up, int) and self.warm_up >= epochs
        return [f"schedule.warm_up: got {self.warm_up}, expected fewer than epochs, which is {epochs}"] if late else []

    @property
    def logged(self) -> bool:
        """Whether each epoch has its rate as a metric, `learning_rate`."""
        return self.changes or self.warm_up > 0
