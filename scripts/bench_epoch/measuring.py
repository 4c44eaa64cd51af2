"""Everyone's fastest epoch of a case, after a check that all have learnt the same in the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench_epoch.cases import Case
from bench_epoch.one_core import threads_elsewhere
from bench_epoch.rivals import Rival, of_case
from bench_epoch.task import Task
from nnexp.errors import ConfigError

TOLERANCE = 0.02  # of the first epoch's cost


@dataclass(frozen=True)
class Row:
    """What a case measured.

    seconds: of the fastest epoch of each who is measured. verdicts: on what is to be reached. errors: what makes the
    row worth nothing. lacking: who is left out, and why.
    """

    name: str
    seconds: dict[str, float] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)


def measure(case: Case, rounds: int) -> Row:
    """The row of a case; a case with a setting that this version does not have is left out."""
    try:
        task = Task.of(case.words)
    except ConfigError as error:
        return Row(case.name, lacking={"all": "; ".join(error.problems)})
    return Measurement(case, task, of_case(case.rivals)).row(rounds)


class Measurement:
    """In each round everyone runs one epoch, so that a busy machine is busy for all."""

    def __init__(self, case: Case, task: Task, rivals: Sequence[Rival]) -> None:
        self._case, self._task = case, task
        self._rivals = [rival for rival in rivals if not rival.lacks]
        self._lacking = {rival.name: rival.lacks for rival in rivals if rival.lacks}

    def row(self, rounds: int) -> Row:
        """What `rounds` rounds measure, after a first one that compiles what is compiled and is not timed."""
        epochs = {rival.name: rival.start(self._task) for rival in self._rivals}
        errors = {rival.name: self._difference(rival, next(epochs[rival.name]).cost) for rival in self._rivals}
        measured = [{name: next(each).seconds for name, each in epochs.items()} for _ in range(rounds)]
        seconds = {name: min(row[name] for row in measured) for name in epochs if not errors[name]}
        verdicts = [target.verdict(seconds) for target in self._case.targets]
        told = [f"{name}: {error}" for name, error in errors.items() if error]
        if elsewhere := threads_elsewhere():
            told.append(f"not on one core: {', '.join(elsewhere)}")
        return Row(self._case.name, seconds, verdicts, told, self._lacking)

    def _difference(self, rival: Rival, cost: float | None) -> str:
        """How the cost of its first epoch differs from ours; empty if it does not, or there is none."""
        expected = self._task.cost(rival.part)
        if cost is None or abs(cost - expected) <= TOLERANCE * expected:
            return ""
        return f"costs {cost:.4f} in the first epoch, where ours costs {expected:.4f}"
