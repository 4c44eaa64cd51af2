"""Runs side by side: grouped over seeds, best first, with verdicts on which is better."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nnexp.comparison.block import Block, blocked
from nnexp.comparison.group import Group
from nnexp.comparison.trial import SEED, Trial
from nnexp.errors import UsageError
from nnexp.stats.anova import shares
from nnexp.stats.importance import importance
from nnexp.stats.verdict import Verdict, verdicts_within


@dataclass(frozen=True)
class Comparison:
    """What there is to say of runs that are compared.

    title: what is compared. over: the settings that differ, the seed left out. groups: best mean validation accuracy
    first. incomplete: runs that have not finished, or lack accuracies, which count for nothing. repeated: how many runs
    were left out since another has the same settings and seed, and so the same result. sweeps: those that the runs are
    made of, by name, each by itself.
    """

    title: str
    over: Sequence[str]
    groups: Sequence[Group]
    incomplete: Sequence[Trial]
    repeated: int
    sweeps: Mapping[str, Comparison] = field(default_factory=dict)

    @property
    def best(self) -> Trial:
        """The best single run, by validation, which need not be of the best group."""
        return min((group.best for group in self.groups), key=lambda trial: trial.rank)

    @property
    def trials(self) -> list[Trial]:
        """All runs that count, those of the best group first."""
        return [trial for group in self.groups for trial in group.trials]

    @cached_property
    def without_result(self) -> list[tuple[dict[str, Any], str]]:
        """The settings of which no run has a result, each with the status of its last one."""
        known = {_identity(group.varying) for group in self.groups}
        parts = [(_part(trial.settings, self.over), trial.status) for trial in self.incomplete]
        return list(
            {_identity(part): (part, status) for part, status in parts if _identity(part) not in known}.values()
        )

    @property
    def several_seeds(self) -> bool:
        """Whether any group has runs of more than one seed."""
        return any(len(group.trials) > 1 for group in self.groups)

    @cached_property
    def blocks(self) -> list[Block]:
        """The groups that are compared with each other, the block of the best first; p is corrected for all pairs."""
        members = blocked(self.groups, self.over)
        results = [{group.name: group.results for group in groups} for groups in members.values()]
        every = zip(members.items(), verdicts_within(results, self._step), strict=True)
        return [Block(condition, groups, of_block) for (condition, groups), of_block in every]

    @property
    def verdicts(self) -> list[Verdict]:
        """Within each block the first group against each other one, in their order."""
        return [verdict for block in self.blocks for verdict in block.verdicts]

    @property
    def pairs(self) -> int:
        """How many comparisons p is corrected for."""
        return sum(len(block.every) for block in self.blocks)

    @cached_property
    def importance(self) -> dict[str, float]:
        """The variance of test accuracy that each setting explains, as shares, the largest first; empty if unknown."""
        return {} if self.different_data else importance(*self._varied)

    @cached_property
    def worked_out(self) -> bool:
        """Whether that is an analysis of variance, as on a grid; else a random forest has estimated it."""
        return shares(*self._varied) is not None

    @property
    def _varied(self) -> tuple[list[dict[str, Any]], list[float]]:
        """The settings that differ, and the results, of each run."""
        settings = [{name: trial.settings.get(name) for name in self.over} for trial in self.trials]
        return settings, [trial.chosen_test for trial in self.trials]

    @property
    def different_data(self) -> bool:
        """Whether the runs were tested on different data, across which settings can't be compared."""
        return "data" in self.over

    @cached_property
    def common(self) -> dict[str, Any]:
        """The settings that all runs share."""
        first, *others = [*self.trials, *self.incomplete]  # of which a table may have rows, too
        return {
            name: value
            for name, value in first.settings.items()
            if name != SEED and all(other.settings.get(name) == value for other in others)
        }

    @property
    def _step(self) -> float:
        """What accuracies are multiples of: one image of the smallest set of test images."""
        known = [trial.test_images for trial in self.trials if trial.test_images]
        return 1 / min(known) if known else 0.0


def compare(title: str, trials: Sequence[Trial]) -> Comparison:
    """The comparison of these runs; `UsageError` if none of them has finished."""
    complete = [trial for trial in trials if trial.complete]
    if not complete:
        states = ", ".join(sorted({trial.status for trial in trials})) or "none"
        raise UsageError(f"{title}: expected one finished run or more, found {states}")
    over = _differing([trial.settings for trial in complete])
    of_seed = [*over, SEED]
    in_time = sorted(complete, key=lambda trial: trial.started)
    newest = {_identity(_part(trial.settings, of_seed)): trial for trial in in_time}
    groups: dict[str, list[Trial]] = {}
    for trial in sorted(newest.values(), key=lambda trial: trial.seed):
        groups.setdefault(_identity(_part(trial.settings, over)), []).append(trial)
    grouped = [Group(_part(members[0].settings, over), members) for members in groups.values()]
    ranked = sorted(grouped, key=lambda group: group.rank)
    incomplete = [trial for trial in trials if not trial.complete]
    return Comparison(title, over, ranked, incomplete, len(complete) - len(newest))


def _differing(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings that have more than one value; a run made before there was a setting does not make it differ."""
    names = list(dict.fromkeys(name for each in settings for name in each if name != SEED))
    return [name for name in names if len({json.dumps(each[name]) for each in settings if name in each}) > 1]


def _part(settings: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: settings.get(name) for name in names}


def _identity(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
