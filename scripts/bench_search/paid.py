"""What a study has paid, and what it had found by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench_search.task import BUDGET, EPOCHS

if TYPE_CHECKING:
    from optuna.study import Study


@dataclass(frozen=True)
class Step:
    """A trial that has ended. epochs: that were paid by then, over all trials. best: validation accuracy so far."""

    epochs: int
    best: float
    params: dict[str, Any]


def steps(study: Study) -> list[Step]:
    """The trials in the order in which they ended, as far as the budget goes; params: of the best so far."""
    ended = sorted(
        (trial for trial in study.get_trials() if trial.state.is_finished() and trial.datetime_complete),
        key=lambda trial: trial.datetime_complete or trial.datetime_start,
    )
    found: list[Step] = []
    paid, best, params = 0, 0.0, {}
    for trial in ended:
        paid += trial.last_step or EPOCHS
        if paid > BUDGET:
            break
        if trial.state.name == "COMPLETE" and trial.values[0] > best:
            best, params = trial.values[0], trial.user_attrs.get("suggested", trial.params)
        found.append(Step(paid, best, dict(params)))
    return found


def epochs_of(study: Study) -> int:
    """How many epochs all of its trials have trained."""
    return sum(trial.last_step or EPOCHS for trial in study.get_trials() if trial.state.is_finished())


def best_at(found: Sequence[Step], epochs: int) -> float:
    """The best so far when so many epochs were paid."""
    return max((step.best for step in found if step.epochs <= epochs), default=0.0)
