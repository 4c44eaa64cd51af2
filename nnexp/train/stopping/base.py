"""Stopping rules: when training ends before its last epoch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component
from nnexp.train.events import EpochDone


@dataclass
class Stopping(Component):
    """Whether to stop, asked between epochs. It may look at validation accuracy, and never at that on test examples.

    restores_best: whether the network ends with the weights of its best epoch, however many epochs there were.
    """

    group = "stopping"
    restores_best: ClassVar[bool] = False

    @abstractmethod
    def reason(self, history: Sequence[EpochDone]) -> str:
        """Why no further epoch is to follow; empty to go on.

        From the history alone, for a run that goes on asks again: the epochs so far, the untrained network first.
        """
