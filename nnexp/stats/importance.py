"""Which setting mattered most: how much of the results' variance each one explains.

Where values are shared by several runs, as on a grid, with holes or not, it is worked out (`anova`). On other runs,
such as those of a random search, a random forest learns to predict the results from the settings, and is asked about
runs that it has not seen. How much of their variance it explains (R squared) is what all settings explain together; the
rest is chance, and what so few runs can't show. Then one setting after the other is shuffled among the unseen runs, and
the settings share what is explained in proportion to how much worse that makes the forest (permutation importance: L.
Breiman, Random Forests, Machine Learning 45, 2001). So noise is not called important either way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import numpy.typing as npt

from nnexp.stats.anova import are_repeated, shares, within

Floats = npt.NDArray[np.float64]

REST = "rest"
FEWEST_RUNS = 10
PARTS = 5  # the runs are unseen a fifth at a time
TREES = 50
SMALLEST_LEAF = 3  # runs: a tree that tells single runs apart learns their noise
SHUFFLES = 5


def importance(settings: Sequence[Mapping[str, object]], results: Sequence[float]) -> dict[str, float]:
    """The share of the variance that each setting explains, the largest first, and `rest`: they add up to 1.

    settings: of each run, by name; those that are the same in all runs are left out. results: of the same runs.
    By the forest, what two settings do only together counts for both, and two that always vary together share what is
    theirs; it takes numbers as numbers, all else (lists too) as categories. Empty where nothing varies, for fewer than
    ten runs that an analysis of variance can't tell apart, and where the forest finds less than half of what runs with
    the same settings show that settings explain.

    Raises `ValueError` if there is not one finite result for each run.
    """
    y = np.asarray(results, dtype=float)
    if y.shape != (len(settings),) or not np.isfinite(y).all():
        raise ValueError(f"results: got {list(results)}, expected {len(settings)} finite numbers, one for each run")
    columns = _varying(settings)
    if worked_out := shares(settings, results):
        return _ranked(worked_out)
    if len(y) < FEWEST_RUNS or not columns or np.ptp(y) == 0:
        return {}
    explained, worse = _tried_on_unseen(np.column_stack(list(columns.values())), y)
    if explained < _shown_by_repeats(list(columns.values()), y) / 2:
        return {}
    of_each = explained * worse / worse.sum() if worse.any() else worse
    return _ranked(dict(zip(columns, of_each.tolist(), strict=True)))


def _ranked(shares: Mapping[str, float]) -> dict[str, float]:
    """The largest first, and the rest."""
    ranked = sorted(shares.items(), key=lambda share: -share[1])
    return dict(ranked) | {REST: 1.0 - sum(shares.values())}


def _varying(settings: Sequence[Mapping[str, object]]) -> dict[str, Floats]:
    """The settings that differ, each as a column of numbers, `(runs,)`."""
    names = dict.fromkeys(name for of_run in settings for name in of_run)
    columns = {name: _numbers([of_run.get(name) for of_run in settings]) for name in names}
    return {name: column for name, column in columns.items() if len(np.unique(column)) > 1}


def _numbers(values: list[object]) -> Floats:
    """Numbers as they are, NaN where a run lacks one; categories by number, in the order in which they come."""
    if all(value is None or (isinstance(value, Real) and not isinstance(value, bool)) for value in values):
        return np.array(values, dtype=float)
    codes = {word: code for code, word in enumerate(dict.fromkeys(map(repr, values)))}
    return np.array([codes[repr(value)] for value in values], dtype=float)


def _shown_by_repeats(columns: Sequence[Floats], y: Floats) -> float:
    """The share of the variance that is not chance, by runs with the same settings; 0 where too few are."""
    squares, free = within(columns, y)
    if not free or not are_repeated(len(y), free):
        return 0.0
    return max(0.0, 1 - float(squares / free / np.var(y, ddof=1)))


def _tried_on_unseen(x: Floats, y: Floats) -> tuple[float, Floats]:
    """R squared of the forest on unseen runs, 0 if it is negative, and by how much shuffling each setting hurts it."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold

    errors, worse = 0.0, np.zeros(x.shape[1])
    for seen, unseen in KFold(PARTS, shuffle=True, random_state=0).split(x):
        forest = RandomForestRegressor(TREES, min_samples_leaf=SMALLEST_LEAF, random_state=0, n_jobs=1)
        forest.fit(x[seen], y[seen])
        errors += float(((forest.predict(x[unseen]) - y[unseen]) ** 2).sum())
        shuffled = permutation_importance(
            forest,
            x[unseen],
            y[unseen],
            scoring="neg_mean_squared_error",
            n_repeats=SHUFFLES,
            random_state=0,
            n_jobs=1,
        )
        worse += len(unseen) * shuffled.importances_mean
    explained = 1 - errors / float(((y - y.mean()) ** 2).sum())
    return max(explained, 0.0), np.maximum(worse, 0.0)
