"""The axes of a picture of what differs: a setting each, or several that only ever change together, as zipped ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nnexp.comparison.comparison import Comparison
from nnexp.formats import value_text
from nnexp.train.ranking import is_number, value_rank

MOST = 3  # settings on one axis; names of more would not be readable


@dataclass(frozen=True)
class Axis:
    """What is along an axis. values: of each group. scale: the distinct ones, in their order."""

    name: str
    values: Sequence[Any]
    scale: Sequence[Any]

    @property
    def numbers(self) -> bool:
        """Whether all of its values are numbers."""
        return all(map(is_number, self.scale))

    @property
    def names(self) -> list[str]:
        """The values of its scale as text."""
        return list(map(value_text, self.scale))


def axes_of(comparison: Comparison) -> list[Axis]:
    """An axis for each setting that differs, and one for those of which each value goes with one of the others."""
    columns = {name: [group.varying[name] for group in comparison.groups] for name in comparison.over}
    together: list[list[str]] = []
    for name in comparison.over:
        with_it = next((names for names in together if _go_together(columns[names[0]], columns[name])), None)
        if with_it is None:
            together.append([name])
        else:
            with_it.append(name)
    axes = []
    for names in together:
        shown = [name for name in names if name.partition(".")[0] not in names or "." not in name]
        each = [shown] if len(shown) <= MOST else [[name] for name in shown]
        axes += [_axis({name: columns[name] for name in some}) for some in each]
    return axes


def ordered(values: Sequence[Any]) -> list[Any]:
    """The distinct values, numbers by size, lists by their numbers, words by the alphabet."""
    distinct = {value_text(value): value for value in values}
    return sorted(distinct.values(), key=value_rank)


def _axis(columns: dict[str, list[Any]]) -> Axis:
    """The axis of settings that change together, in the order of the first one's values."""
    first, *others = columns.values()
    name, scale = ", ".join(columns), ordered(first)
    if not others:
        return Axis(name, first, scale)
    texts = [", ".join(map(value_text, values)) for values in zip(*columns.values(), strict=True)]
    return Axis(name, texts, [texts[first.index(value)] for value in scale])


def _go_together(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether each value of the one goes with one value of the other, and the other way round."""
    pairs = {(value_text(a), value_text(b)) for a, b in zip(one, other, strict=True)}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
