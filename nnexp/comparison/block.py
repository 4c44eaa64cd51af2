"""Which settings are compared with each other: those that have learnt from the same examples.

More examples are better, and fewer wrong labels, whatever else is chosen. Where these differ and another setting does,
too, the question is which of the others is better with each of them, as in a randomised block design: R. A. Fisher,
The Design of Experiments, 1935, chapter IV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.comparison.group import Group
from nnexp.config.naming import word
from nnexp.stats.verdict import Verdict

LEARNT_FROM = ("train_size", "balanced", "label_noise")


@dataclass(frozen=True)
class Block:
    """Groups that are compared with each other, best first, named by what differs among them.

    condition: what they share and those of other blocks do not, `train_size=300`; empty if this is the only block.
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
    def verdicts(self) -> list[Verdict]:
        """The first group against each other one."""
        return [verdict for verdict in self.every if self.first in (verdict.a, verdict.b)]


def blocked(groups: Sequence[Group], over: Sequence[str]) -> dict[str, list[Group]]:
    """The groups by condition, in their order; all in one where nothing could be compared within a condition.

    over: the settings that differ.
    """
    within = [name for name in over if name in LEARNT_FROM]
    others = [name for name in over if name not in within]
    blocks: dict[str, list[Group]] = {}
    for group in groups:
        condition = " ".join(word(name, dict(group.varying)) for name in within)
        blocks.setdefault(condition, []).append(Group({name: group.varying[name] for name in others}, group.trials))
    return blocks if any(len(block) > 1 for block in blocks.values()) else {"": list(groups)}
