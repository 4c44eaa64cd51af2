"""What a run gives, and how that is told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nnexp.formats import percent
from nnexp.nn.network import Network
from nnexp.train.history import History

log = logging.getLogger(__name__)

How = Literal["new", "continued", "found"]


@dataclass(frozen=True)
class Summary:
    """What a table tells of a run.

    how: trained from the start, continued, or found finished. epoch: that validation has chosen; validation, test: its
    accuracies (0 to 1). seconds: of all epochs. run_id: MLflow's; empty if it is not remembered.
    """

    how: How
    epoch: int
    validation: float
    test: float
    seconds: float
    run_id: str = ""


@dataclass(frozen=True)
class Result:
    """What a run gives: its trained network and everything it measured."""

    network: Network
    history: History
    how: How = "new"
    run_id: str = ""

    @property
    def trained(self) -> bool:
        """Whether anything was left to do."""
        return self.how != "found"

    @property
    def objective(self) -> float:
        """What choosing between runs goes by: the best accuracy on validation, never on test examples."""
        return self.history.chosen.metrics["validation_accuracy"]

    def summary(self) -> Summary:
        """What a table tells of it."""
        chosen, seconds = self.history.chosen, sum(self.history.curve("epoch_seconds")[1])
        return Summary(self.how, chosen.epoch, self.objective, chosen.metrics["test_accuracy"], seconds, self.run_id)


def result_line(history: History) -> str:
    """How good the run got: the test accuracy of the epoch that validation has chosen, and that at the end."""
    chosen, last = history.chosen, history.epochs[-1]
    test, validation = (percent(chosen.metrics[f"{data}_accuracy"]) for data in ("test", "validation"))
    line = f"test accuracy {test} in epoch {chosen.epoch}, the best on validation ({validation})"
    if last is chosen:
        return f"{line} and the last"
    return f"{line}; {percent(last.metrics['test_accuracy'])} in epoch {last.epoch}, the last"


def report(history: History, where: Sequence[str]) -> None:
    """Tell the user how good it got and where everything is."""
    for line in (result_line(history), *where):
        log.info("%s", line)
