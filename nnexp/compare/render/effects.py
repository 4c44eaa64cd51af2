"""How the result depends on what differs: error bars for one setting, a heat map for two, parallel lines for more."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from nnexp.compare.comparison import Comparison
from nnexp.compare.group import Group
from nnexp.formats import value_text
from nnexp.nn.arrays import Array
from nnexp.plots.canvas import COLOURS, INK, PAPER, canvas
from nnexp.train.ranking import is_number, value_rank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

WIDE = 8.0  # the ratio of the largest to the smallest value from which an axis is logarithmic
NUMBERED = 60  # cells of a heat map; more would not be readable
TICKS = 40  # letters of the size of an axis' values, along it
LETTERS = 60  # of the size of values, across parallel coordinates


def effect(comparison: Comparison) -> Figure | None:
    """The picture for as many settings as differ; None if none does."""
    match len(comparison.over):
        case 0:
            return None
        case 1:
            return error_bars(comparison)
        case 2:
            return heat_map(comparison)
        case _:
            return parallel_coordinates(comparison)


def error_bars(comparison: Comparison) -> Figure:
    """Test accuracy over the values of the one setting, with the 95 % interval of the mean, and every run a dot."""
    (name,) = comparison.over
    figure, axes = canvas(3.0)
    values = ordered([group.varying[name] for group in comparison.groups])
    groups = sorted(comparison.groups, key=lambda group: values.index(group.varying[name]))
    numbers = all(is_number(value) for value in values)
    places = [float(value) if numbers else float(place) for place, value in enumerate(values)]
    _dots(axes, places, groups)
    means = np.array([100 * group.test.mean for group in groups])
    errors = np.array([_to_the_ends(group) for group in groups]).T
    axes.errorbar(places, means, yerr=errors, fmt="-o" if numbers else "o", color=COLOURS[0], capsize=4, zorder=3)
    logarithmic = numbers and min(places) > 0 and max(places) / min(places) >= WIDE
    if logarithmic:
        axes.set_xscale("log")
    names = [value_text(value) for value in values]
    axes.set_xticks(places, _clear(np.log(places) if logarithmic else np.array(places), names) if numbers else names)
    axes.minorticks_off()
    axes.set_xlabel(name)
    axes.set_ylabel("test accuracy (%)")
    axes.grid(alpha=0.3)
    return figure


def _clear(places: Array, names: Sequence[str]) -> list[str]:
    """The names without those that would touch one to their left; places: ascending, where they are on the axis."""
    kept, free = [], -np.inf
    for middle, name in zip(TICKS * (places - places[0]) / max(np.ptp(places), 1e-9), names, strict=True):
        fits = middle - len(name) / 2 >= free
        kept.append(name if fits else "")
        free = middle + len(name) / 2 + 1 if fits else free
    return kept


def _dots(axes: Axes, places: Sequence[float], groups: Sequence[Group]) -> None:
    """Every run, a little to the right of where its group is."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101  # they were made on one
    aside = axes.transData + ScaledTranslation(0.09, 0, figure.dpi_scale_trans)
    for place, group in zip(places, groups, strict=True):
        dots = [100 * trial.chosen_test for trial in group.trials]
        axes.scatter([place] * len(dots), dots, s=14, color=COLOURS[1], alpha=0.8, linewidths=0, transform=aside)
        axes.update_datalim([(place, dot) for dot in dots])  # which what has a transform of its own does not


def heat_map(comparison: Comparison) -> Figure:
    """The mean test accuracy for each pair of values of the two settings; what was not run stays empty."""
    down, across = sorted(comparison.over, key=lambda name: len({value_text(v) for v in _values(comparison, name)}))
    rows, columns = ordered(_values(comparison, down)), ordered(_values(comparison, across))
    cells = np.full((len(rows), len(columns)), np.nan)
    for group in comparison.groups:
        cells[rows.index(group.varying[down]), columns.index(group.varying[across])] = 100 * group.test.mean
    figure, axes = canvas(1.3 + 0.45 * min(len(rows), 12))
    mesh = axes.pcolormesh(np.ma.masked_invalid(cells), cmap="viridis", edgecolors="none")
    if cells.size <= NUMBERED:
        _number(axes, cells)
    axes.set_xticks(np.arange(len(columns)) + 0.5, [value_text(value) for value in columns])
    axes.set_yticks(np.arange(len(rows)) + 0.5, [value_text(value) for value in rows])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(across)
    axes.set_ylabel(down)
    figure.colorbar(mesh, ax=axes, label="test accuracy (%)").outline.set_visible(False)
    return figure


def parallel_coordinates(comparison: Comparison) -> Figure:
    """A line for each group down through its values of every setting to its test accuracy, the best drawn last."""
    scales = {name: ordered(_values(comparison, name)) for name in comparison.over}
    figure, axes = canvas(0.8 + 0.5 * len(scales))
    tests = np.array([group.test.mean for group in comparison.groups])
    low, high = float(tests.min()), float(tests.max())
    share = (tests - low) / (high - low or 1.0)
    colours = _poor_to_good()
    rows = range(len(scales) + 1)
    axes.hlines(list(rows), 0, 1, color="black", linewidth=0.6)
    for group, good in sorted(zip(comparison.groups, share, strict=True), key=lambda each: each[1]):
        places = [_place(scales[name], group.varying[name]) for name in comparison.over]
        axes.plot([*places, good], rows, color=colours(good), linewidth=0.6 + 1.6 * good**3, alpha=0.8)
    letters = max(LETTERS - 1.25 * max(map(len, scales)), 1)  # what the names leave, which are larger
    for row, values in enumerate(scales.values()):
        for value in values[:: _apart(values, letters)]:
            _write(axes, _place(values, value), row, value_text(value))
    for good in (0.0, 1.0):
        _write(axes, good, rows[-1], f"{100 * (low + good * (high - low)):.2f}")
    axes.set_yticks(list(rows), [*scales, "test (%)"])
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _write(axes: Axes, place: float, row: int, text: str) -> None:
    """A value under its place on the row's line, and not beyond the line's ends."""
    side = {0.0: "left", 1.0: "right"}.get(place, "center")
    axes.text(place, row + 0.08, text, fontsize=8, ha=side, va="top", gid="over_lines")


def _apart(values: Sequence[Any], letters: float) -> int:
    """Every how many values one is written, so that they stand clear of each other on a line of so many letters."""
    longest = max(len(value_text(value)) for value in values)
    gaps = len(values) - 1
    return max(1, min(gaps, ceil(gaps * (1.5 * longest + 1) / letters)))  # at an end, all of a word is on one side


def ordered(values: Sequence[Any]) -> list[Any]:
    """The distinct values, numbers by size, lists by their numbers, words by the alphabet."""
    distinct = {value_text(value): value for value in values}
    return sorted(distinct.values(), key=value_rank)


def _values(comparison: Comparison, name: str) -> list[Any]:
    return [group.varying[name] for group in comparison.groups]


def _to_the_ends(group: Group) -> tuple[float, float]:
    """From the mean down and up to the ends of its interval, in points; no accuracy is below 0 or above 100 %."""
    mean, low, high = group.test.mean, group.test.low, group.test.high
    return (0.0, 0.0) if low is None or high is None else (100 * (mean - max(low, 0)), 100 * (min(high, 1) - mean))


def _number(axes: Axes, cells: np.ndarray[Any, Any]) -> None:
    """Write what they hold into the cells."""
    middle = (np.nanmin(cells) + np.nanmax(cells)) / 2
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            colour = INK if value > middle else PAPER
            axes.text(column + 0.5, row + 0.5, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=8)


def _place(values: Sequence[Any], value: Any) -> float:
    """Where a value is on its line, from 0 to 1: the values stand at equal distances."""
    return values.index(value) / (len(values) - 1)


def _poor_to_good() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("poor_to_good", [COLOURS[3], "#AAAAAA", COLOURS[0]])
