"""What explains the variance of results: each setting, settings in combination, and chance, by an analysis of variance.

A linear model of the settings' main effects leaves some squares unexplained, and fewer the more settings it has. What
a setting takes away is its share: on a full grid with as many runs in each cell that is the sum of squares of its
means; on others it depends on which settings are in the model before it, so the mean over all orders is taken (R. H.
Lindeman, P. F. Merenda and R. Z. Gold, Introduction to Bivariate and Multivariate Analysis, 1980, p. 119 ff.; U.
Groemping, Estimators of relative importance in linear regression based on variance decomposition, The American
Statistician 61, 2007), and a run that is missing changes little. Chance alone takes squares away too: as many mean
squares of what is left as the setting has degrees of freedom. Those are taken off (epsilon squared: T. L. Kelley, An
unbiased correlation ratio measure, PNAS 21, 1935).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int_]

TOGETHER = "interactions"
MOST_SETTINGS = 8  # each doubles the number of models


def shares(settings: Sequence[Mapping[str, object]], results: Sequence[float]) -> dict[str, float] | None:
    """The share of the variance that each setting explains, and that their interactions do.

    settings: of each run, by name. Where fewer than half of the cells, on average, have a second run, what settings do
    together is taken for chance. None if the settings' main effects can't be told from each other or from chance: most
    runs have a value of their own, one setting follows from the others, or all results are the same.
    """
    y = np.asarray(results, dtype=float) - np.mean(results)
    columns = _varying(settings)
    if not columns or len(columns) > MOST_SETTINGS or not y.any() or any(map(_mostly_single, columns.values())):
        return None
    left = {names: _left([columns[name] for name in names], y) for names in _subsets(columns)}
    everything = left[frozenset(columns)]
    if any(left[frozenset(columns) - {name}][1] == everything[1] for name in columns):
        return None
    taken = {name: _on_average(name, left) for name in columns}
    chance, of_cells = everything, within(list(columns.values()), y)
    if are_repeated(len(y), of_cells[1]) and everything[1] > of_cells[1]:
        taken[TOGETHER], chance = everything - of_cells, of_cells
    if not chance[1]:
        return None
    total, mean_square = float(y @ y), chance[0] / chance[1]
    return {name: max(0.0, float(squares - free * mean_square)) / total for name, (squares, free) in taken.items()}


def _varying(settings: Sequence[Mapping[str, object]]) -> dict[str, Codes]:
    """The settings that differ, each as a column of numbers that stand for its values, 0 and up."""
    columns = {}
    for name in dict.fromkeys(name for each in settings for name in each):
        values = [repr(each.get(name)) for each in settings]
        code = {value: number for number, value in enumerate(dict.fromkeys(values))}
        columns[name] = np.array([code[value] for value in values])
    return {name: column for name, column in columns.items() if column.any()}


def _mostly_single(column: Codes) -> bool:
    """Whether there are more than two values for three runs."""
    return bool(3 * (column.max() + 1) > 2 * len(column))


def _subsets(names: Iterable[str]) -> list[frozenset[str]]:
    every = list(names)
    return [frozenset(some) for size in range(len(every) + 1) for some in combinations(every, size)]


def _left(columns: Sequence[Codes], y: Floats) -> Floats:
    """The sum of squares that the main effects of these columns leave unexplained, and its degrees of freedom."""
    ones = [column[:, None] == np.arange(1, column.max() + 1) for column in columns]  # one for each value but the first
    model = np.hstack([np.ones((len(y), 1)), *ones])
    effects, _, rank, _ = np.linalg.lstsq(model.T @ model, model.T @ y, rcond=1e-10)  # small, and counts: exact enough
    return np.array([((y - model @ effects) ** 2).sum(), len(y) - rank])


def are_repeated(runs: int, free: float) -> bool:
    """Whether half of the cells, on average, have a second run. free: degrees of freedom within the cells."""
    return bool(2 * free >= runs - free)


def within(columns: Sequence[Codes | Floats], y: Floats) -> Floats:
    """The sum of squares within the cells, which are the runs of the same settings, and its degrees of freedom."""
    cells, of_run = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    means = np.bincount(of_run, y) / np.bincount(of_run)
    return np.array([((y - means[of_run]) ** 2).sum(), len(y) - len(cells)])


def _on_average(name: str, left: Mapping[frozenset[str], Floats]) -> Floats:
    """What the setting takes of the squares and the degrees of freedom, the mean over all orders of the settings."""
    others = len(max(left, key=len)) - 1
    steps = [(before, before | {name}) for before in left if name not in before]
    of_each = [(left[one] - left[two]) / comb(others, len(one)) for one, two in steps]
    mean: Floats = np.sum(of_each, axis=0) / (others + 1)
    return mean
