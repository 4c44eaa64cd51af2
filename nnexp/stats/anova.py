"""What a full grid's results vary by, exactly: the setting, settings in combination, and chance.

The functional analysis of variance of a grid whose cells all hold as many results: the sum of squares around the mean
of all is that of each setting's means, plus that of the cells' means beyond those, plus that within the cells. Chance
alone gives a setting a sum of squares too: its degrees of freedom times the mean square within the cells. That is taken
off (epsilon squared: T. L. Kelley, An unbiased correlation ratio measure, PNAS 21, 1935).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TOGETHER = "in combination"


def shares(settings: Sequence[Mapping[str, object]], results: Sequence[float]) -> dict[str, float] | None:
    """The share of the variance that goes with each setting, and with what settings do only together.

    settings: of each run, by name. With one run in a cell, what they do together is taken for chance. None if the runs
    are no full grid with as many runs in each cell, if nothing is left to tell chance by, or all results are the same.
    """
    names = dict.fromkeys(name for each in settings for name in each)
    columns = {name: [repr(each.get(name)) for each in settings] for name in names}
    columns = {name: column for name, column in columns.items() if len(set(column)) > 1}
    cells = list(zip(*columns.values(), strict=True))
    y = np.asarray(results, dtype=float)
    total = float(((y - y.mean()) ** 2).sum())
    if not columns or total == 0 or not _full(cells, [len(set(column)) for column in columns.values()]):
        return None
    squares = {name: _between(column, y) for name, column in columns.items()}
    free = {name: len(set(column)) - 1 for name, column in columns.items()}
    if len(columns) > 1 and len(set(cells)) < len(y):
        squares[TOGETHER] = _between(cells, y) - sum(squares.values())
        free[TOGETHER] = len(set(cells)) - 1 - sum(free.values())
    left = len(y) - 1 - sum(free.values())
    if not left:
        return None
    chance = (total - sum(squares.values())) / left
    return {name: max(0.0, squares[name] - free[name] * chance) / total for name in squares}


def _full(cells: Sequence[object], values: Sequence[int]) -> bool:
    """Whether there are all combinations, each as often. values: how many each setting has."""
    counts = Counter(cells)
    return len(counts) == int(np.prod(values)) and len(set(counts.values())) == 1


def _between(labels: Sequence[object], y: Floats) -> float:
    """The sum of squares of the means of the results that have the same label, around the mean of all."""
    groups: dict[object, list[float]] = {}
    for label, value in zip(labels, y.tolist(), strict=True):
        groups.setdefault(label, []).append(value)
    return float(sum(len(values) * (np.mean(values) - y.mean()) ** 2 for values in groups.values()))
