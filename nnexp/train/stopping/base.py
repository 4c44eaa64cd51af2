"""Stopping rules: when training ends before its last epoch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import Component, setting
from nnexp.train.events import EpochDone


@dataclass
class Stopping(Component):
    """Whether to stop, asked between epochs. It may look at validation accuracy, and never at that on test examples."""

    group = "stopping"

    restore_best: bool = setting(
        False,
        help="end with the weights of the epoch with the best validation accuracy, however many epochs there were",
        since=False,
    )

    @abstractmethod
    def reason(self, history: Sequence[EpochDone]) -> str:
        """Why no further epoch is to follow; empty to go on.

        From the history alone, for a run that goes on asks again: the epochs so far, the untrained network first.
        """
