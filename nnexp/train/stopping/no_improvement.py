"""Stop when validation accuracy no longer improves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import setting, whole
from nnexp.formats import percent
from nnexp.printable import counted
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY, best_of
from nnexp.train.stopping.base import Stopping


@dataclass
class NoImprovement(Stopping):
    """No improvement in n: stop after n epochs without a better validation accuracy, and go back to the best epoch.

    Source: Nielsen, chapter 3, "How to choose a neural network's hyper-parameters?", on early stopping.
    """

    kind: str = "no_improvement"
    epochs: int = setting(10, help="how many epochs may pass without a better validation accuracy", rule=whole(1))
    restore_best: bool = setting(
        True, help="end with the weights of the epoch with the best validation accuracy", since=True
    )

    def reason(self, history: Sequence[EpochDone]) -> str:
        best, last = best_of(history), history[-1]
        if last.epoch - best.epoch < self.epochs:
            return ""
        accuracy = percent(best.metrics[CHOSEN_BY])
        return f"no better validation accuracy in {counted(self.epochs, 'epoch')} than {accuracy} in epoch {best.epoch}"
