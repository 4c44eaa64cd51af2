"""Which settings are compared with each other: those tested on the same data, that have learnt from the same examples.

More examples are better, and fewer wrong labels, whatever else is chosen. Where these differ and another setting does,
too, the question is which of the others is better with each of them, as in a randomised block design: R. A. Fisher,
The Design of Experiments, 1935, chapter IV. What was tested on other data is never compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.comparison.group import Group
from nnexp.config.naming import word
from nnexp.stats.verdict import Verdict

DATA = "data"
LEARNT_FROM = ("train_size", "balanced", "label_noise")


@dataclass(frozen=True)
class Block:
    """Groups that are compared with each other, best first, named by what differs among them.

    condition: the data or the examples that they share and other blocks do not, `train_size=300`; empty of one block.
    every: the verdict of each pair.
    """

    condition: str
    groups: Sequence[Group]
    every: Sequence[Verdict]

    @property
    def first(self) -> str:
        """The name of the group that is ahead on validation."""
        return self.groups[0].name

    @property
    def several_seeds(self) -> bool:
        """Whether any group has runs of more than one seed."""
        return any(len(group.trials) > 1 for group in self.groups)

    @property
    def verdicts(self) -> list[Verdict]:
        """The first group against each other one."""
        return [verdict for verdict in self.every if self.first in (verdict.a, verdict.b)]


def blocked(groups: Sequence[Group], over: Sequence[str]) -> dict[str, list[Group]]:
    """The groups by condition, in their order, named by what differs within it.

    Examples make no conditions where nothing could be compared within one. over: the settings that differ.
    """
    blocks: dict[str, list[Group]] = {}
    for data, members in by_data(groups, over).items():
        alike = _by([name for name in over if name in LEARNT_FROM], members)
        if all(len(block) == 1 for block in alike.values()):
            alike = {"": members}
        for condition, block in alike.items():
            blocks[f"{data} {condition}".strip()] = _renamed(block)
    return blocks


def by_data(groups: Sequence[Group], over: Sequence[str]) -> dict[str, list[Group]]:
    """The groups by the data that they were tested on, `data=digits`; all under an empty name if that is the same."""
    return _by([name for name in over if name == DATA], groups)


def _by(names: Sequence[str], groups: Sequence[Group]) -> dict[str, list[Group]]:
    """The groups by the values that these settings have."""
    parts: dict[str, list[Group]] = {}
    for group in groups:
        parts.setdefault(" ".join(word(name, dict(group.varying)) for name in names), []).append(group)
    return parts


def _renamed(groups: Sequence[Group]) -> list[Group]:
    """The groups, each told from the others by what differs among these alone."""
    names = [name for name in groups[0].varying if len({repr(group.varying[name]) for group in groups}) > 1]
    return [Group({name: group.varying[name] for name in names}, group.trials) for group in groups]
