"""What a run gives, and how that is told."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nnexp.formats import percent, result_text, value_text
from nnexp.nn.network import Network
from nnexp.plots.spark import BLOCKS, spark
from nnexp.runtime.terminal import can_print
from nnexp.train.history import History
from nnexp.train.monitors.base import Monitor
from nnexp.train.ranking import Rank, rank

log = logging.getLogger(__name__)

SHORT = 3  # epochs, the untrained network among them: no curve
LITTLE = 0.1  # of the way from guessing to certainty

How = Literal["new", "continued", "found"]
State = Literal["new", "continued", "done", "pruned", "running", "failed", "killed", "to do"]


@dataclass(frozen=True)
class Outcome:
    """What is known of one of several runs: what its process sends back, and what a table shows.

    varying: the settings that tell it from the others. state: new or continued if it was trained just now, done if
    before; pruned if a study has ended it, now or before. epoch: that validation has chosen; validation, test: its
    accuracies (0 to 1); None if it has none. seconds: of all epochs. run: the store's id; empty if it is not
    remembered. why: it failed, a line each; where: the line of code, if that was a bug;
    diverged: it failed since its numbers did.
    """

    varying: dict[str, Any]
    state: State
    epoch: int | None = None
    validation: float | None = None
    test: float | None = None
    seconds: float | None = None
    run: str = ""
    why: tuple[str, ...] = ()
    where: str = ""
    diverged: bool = False

    @property
    def rank(self) -> Rank:
        """What sorts it among the others."""
        return rank(self.validation, self.epoch, self.varying)

    @property
    def sentence(self) -> str:
        """`eta=3 seed=0: 96.41 % on validation, 95.93 % on test (epoch 24)`."""
        name = " ".join(f"{name}={value_text(value)}" for name, value in self.varying.items())
        return result_text(name or "the only job", self.validation, self.test, self.epoch)


@dataclass(frozen=True)
class Result:
    """What a run gives: its trained network and everything it measured.

    pruned: whether a study has ended it. name: what the run is called. where: everything of it is, a line each.
    """

    network: Network
    history: History
    how: How = "new"
    run_id: str = ""
    pruned: bool = False
    name: str = ""
    where: Sequence[str] = ()

    @property
    def trained(self) -> bool:
        """Whether anything was left to do."""
        return self.how != "found"

    @property
    def objective(self) -> float:
        """What choosing between runs goes by: the best accuracy on validation, never on test examples."""
        return self.history.chosen.metrics["validation_accuracy"]

    def outcome(self, varying: dict[str, Any]) -> Outcome:
        """The same in a few numbers. varying: the settings that tell it from other runs."""
        chosen, seconds = self.history.chosen, sum(self.history.curve("epoch_seconds")[1])
        state: State = "pruned" if self.pruned else "done" if self.how == "found" else self.how
        test = chosen.metrics["test_accuracy"]
        return Outcome(varying, state, chosen.epoch, self.objective, test, seconds, self.run_id)


def result_line(history: History) -> str:
    """How good the run got: the test accuracy of the epoch that validation has chosen, and that at the end."""
    chosen, last = history.chosen, history.epochs[-1]
    test, validation = (percent(chosen.metrics[f"{data}_accuracy"]) for data in ("test", "validation"))
    line = f"test accuracy {test} in epoch {chosen.epoch}, the best on validation ({validation})"
    if last is chosen:
        return f"{line} and the last"
    return f"{line}; {percent(last.metrics['test_accuracy'])} in epoch {last.epoch}, the last"


def course(history: History) -> str:
    """The curve of a run as a word: `▁▅▇█  test accuracy by epoch, 93.10 % to 97.12 %`."""
    values = history.curve("test_accuracy")[1]
    values = values[1:] or values  # the untrained network would dwarf the others
    return f"{spark(values)}  test accuracy by epoch, {percent(min(values))} to {percent(max(values))}"


def monitored_lines(history: History) -> Iterator[str]:
    """What was monitored of the network as a whole, in the epoch that validation has chosen, and at the end."""
    chosen, last = history.chosen, history.epochs[-1]
    for monitor in Monitor.kinds().values():
        if monitor.of_layers or monitor.metric not in chosen.metrics:
            continue
        form = percent if monitor.metric.endswith("accuracy") else "{:.4f}".format
        values = [f"{form(each.metrics[monitor.metric])} in epoch {each.epoch}" for each in (chosen, last)]
        yield f"{monitor.metric.replace('_', ' ')} {'; '.join(dict.fromkeys(values))}"


def doubt(history: History, classes: int) -> list[str]:
    """That the run has not learnt anything, if validation tells it hardly from guessing."""
    guessing, best = 1 / classes, history.chosen.metrics["validation_accuracy"]
    if best > guessing + LITTLE * (1 - guessing):
        return []
    return [f"that is hardly better than guessing, {percent(guessing)}: nnexp check with these settings looks for why"]


def told(result: Result) -> Result:
    """The result, after the user was told how good it got and where everything is."""
    history = result.history
    of_classes = doubt(history, result.network.sizes[-1])
    curve = [course(history)] if len(history.epochs) > SHORT and can_print(BLOCKS) else []
    for line in (*curve, result_line(history), *of_classes, *monitored_lines(history), *result.where):
        log.info("%s", line)
    return result
