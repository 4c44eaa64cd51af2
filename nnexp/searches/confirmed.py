"""A search's winner, its runner-up and the default settings by seeds that the search has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.searches.searched import Searched
from nnexp.stats.verdict import Verdict


@dataclass(frozen=True)
class Judged:
    """Two settings by their verdict. ahead: whether the first one is, or both are equal."""

    verdict: Verdict
    ahead: bool

    @property
    def better(self) -> bool:
        """Whether the first is, by more than chance."""
        return self.verdict.significant and self.ahead

    @property
    def worse(self) -> bool:
        """Whether the second is better, by more than chance."""
        return self.verdict.significant and not self.ahead


@dataclass(frozen=True)
class Confirmed:
    """Each of the three as a group of runs with fresh seeds; None for one that has no result."""

    comparison: Comparison
    winner: Group | None
    runner_up: Group | None
    default: Group | None

    def called(self, group: Group) -> str:
        """Which of the three these runs are; a setting may be two of them."""
        named = {"best": self.winner, "runner-up": self.runner_up, "default": self.default}
        return ", ".join(name for name, each in named.items() if each and each.trials is group.trials)

    def judged(self, one: Group | None, other: Group | None) -> Judged | None:
        """The verdict on the two; None where one is missing, or where they can't be compared."""
        if one is None or other is None or self.comparison.different_data:
            return None
        for block in self.comparison.blocks:
            names = {id(group.trials): group.name for group in block.groups}
            pair = names.get(id(one.trials)), names.get(id(other.trials))
            for verdict in block.every:
                if {verdict.a, verdict.b} == set(pair):
                    return Judged(verdict, verdict.a == pair[0])
        return None


def confirmed(searched: Searched) -> Confirmed | None:
    """None where nothing was confirmed, or no trial is complete."""
    found, best, second = searched.confirmation, searched.best, searched.runner_up
    if found is None or best is None:
        return None
    winner, runner_up, default = (
        _of(found, settings) if settings is not None else None
        for settings in (best.settings, second.settings if second else None, searched.default)
    )
    return Confirmed(found, winner, runner_up, default)


def _of(comparison: Comparison, settings: Mapping[str, Any]) -> Group | None:
    """The group with these settings; one of a choice that a run has not made is passed over."""
    for group in comparison.groups:
        has = group.trials[0].settings
        if all(has[name] == value for name, value in settings.items() if name in has):
            return group
    return None
