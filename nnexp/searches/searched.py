"""What a search comes to: its trials in order, the best and the front of them, and what they have cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnexp.comparison.comparison import Comparison
from nnexp.searches.trial import SearchTrial, State
from nnexp.study.objectives import DIRECTIONS, dominates
from nnexp.train.ranking import rank

STATES: tuple[State, ...] = ("complete", "pruned", "failed", "running")


@dataclass(frozen=True)
class Searched:
    """A search that has ended, or that is looked at on its way.

    objectives: names of `DIRECTIONS`. space: lines in words, `eta: 0.1 to 10, logarithmic`. logarithmic: settings that
    were searched on such a scale. trials: in the order of their numbers. full_epochs: that a whole run has; a trial
    that was given `epochs` has its own. default: what the settings of the space are unless one is asked for; None if
    that makes no sense. sampler, prune: words of `search` and `search.prune`. confirmation: of the winner, the
    runner-up and the default by seeds that the search has not seen; None without.
    """

    name: str
    objectives: Sequence[str]
    space: Sequence[str]
    logarithmic: frozenset[str]
    trials: Sequence[SearchTrial]
    full_epochs: int
    default: Mapping[str, Any] | None
    sampler: str
    prune: str
    confirmation: Comparison | None = None

    @property
    def several(self) -> bool:
        """Whether there are several objectives, so that no trial need be the best."""
        return len(self.objectives) > 1

    @cached_property
    def over(self) -> list[str]:
        """The settings that were chosen, in the order in which they first were."""
        return list(dict.fromkeys(name for trial in self.trials for name in trial.settings))

    @cached_property
    def complete(self) -> list[SearchTrial]:
        """The trials that have values, in the order of their numbers."""
        return [trial for trial in self.trials if trial.state == "complete"]

    @cached_property
    def ranked(self) -> list[SearchTrial]:
        """The same, the best by the first objective first; of several objectives the front before all others.

        A mean over more seeds is worth more: those that were given the most come first.

        Equal values are in the order that runs have: the smaller network first, then the smaller settings.
        """
        front = {trial.number for trial in self.front} if self.several else set()
        return sorted(
            self.complete, key=lambda trial: (trial.number not in front, -trial.seeds, self._rank(trial), trial.number)
        )

    @cached_property
    def front(self) -> list[SearchTrial]:
        """The complete trials than which none is as good in every objective, and better in one; each setting once."""
        objectives, distinct = list(self.objectives), {repr(trial.settings): trial for trial in reversed(self.complete)}
        return [
            trial
            for trial in self.complete
            if distinct[repr(trial.settings)] is trial
            and not any(dominates(other.values, trial.values, objectives) for other in self.complete)
        ]

    @property
    def best(self) -> SearchTrial | None:
        """The first of the ranked; None if none is complete."""
        return self.ranked[0] if self.ranked else None

    @property
    def runner_up(self) -> SearchTrial | None:
        """The best of those with other settings than the best trial's."""
        return next((trial for trial in self.ranked if trial.settings != self.ranked[0].settings), None)

    @property
    def of_default(self) -> SearchTrial | None:
        """The best trial of the default settings, where the search has tried them."""
        return next((trial for trial in self.ranked if self.is_default(trial)), None)

    def is_default(self, trial: SearchTrial) -> bool:
        """Whether all that was chosen for it is what it would be anyway."""
        default = self.default or {}
        return all(name in default and default[name] == value for name, value in trial.settings.items())

    @property
    def counts(self) -> dict[str, int]:
        """How many trials there are in each state that some are in."""
        counted = Counter(trial.state for trial in self.trials)
        return {state: counted[state] for state in STATES if counted[state]}

    @property
    def paid(self) -> int:
        """Epochs that were trained in all."""
        return sum({trial.runs or trial.number: trial.epochs for trial in self.trials}.values())  # a run is paid once

    @property
    def saved(self) -> int:
        """Epochs by which pruned trials are short of one whole run each; less where a stopping rule ends runs too."""
        return sum(max(0, self._full(trial) - trial.epochs) for trial in self.trials if trial.state == "pruned")

    def _full(self, trial: SearchTrial) -> int:
        return int(trial.settings.get("epochs", self.full_epochs))

    def gains(self, trial: SearchTrial) -> tuple[float, ...]:
        """Its values, turned so that more is better."""
        named = zip(self.objectives, trial.values, strict=True)
        return tuple(value if DIRECTIONS[name] == "maximize" else -value for name, value in named)

    def _rank(self, trial: SearchTrial) -> object:
        return rank(self.gains(trial)[0], None, trial.settings)
