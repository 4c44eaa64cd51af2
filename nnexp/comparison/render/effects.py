"""How the result depends on what differs: error bars for one setting, a heat map for two, parallel lines for more."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.comparison.render.axes import Axis, axes_of
from nnexp.formats import value_text
from nnexp.nn.arrays import Array
from nnexp.plots.canvas import COLOURS, INK, PAPER, canvas
from nnexp.plots.parallel import Row, parallel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 8.0  # the ratio of the largest to the smallest value from which an axis is logarithmic
NUMBERED = 60  # cells of a heat map; more would not be readable
TICKS = 40  # letters of the size of an axis' values, along it
LETTERS = 60  # of the size of values, across parallel coordinates


def effect(comparison: Comparison) -> Figure | None:
    """The picture for as many axes as there are; None if nothing differs."""
    match axes_of(comparison):
        case []:
            return None
        case [axis]:
            return error_bars(comparison.groups, axis)
        case [one, other]:
            return heat_map(comparison.groups, one, other)
        case several:
            return parallel_coordinates(comparison.groups, several)


def error_bars(unordered: Sequence[Group], axis: Axis) -> Figure:
    """Test accuracy over the values of the one axis, with the 95 % interval of the mean, and every run a dot."""
    figure, axes = canvas(3.0)
    groups = [unordered[axis.values.index(value)] for value in axis.scale]
    numbers, names = axis.numbers, axis.names
    places = [float(value) if numbers else float(place) for place, value in enumerate(axis.scale)]
    _dots(axes, places, groups)
    means = np.array([100 * group.test.mean for group in groups])
    errors = np.array([_to_the_ends(group) for group in groups]).T
    axes.errorbar(places, means, yerr=errors, fmt="-o" if numbers else "o", color=COLOURS[0], capsize=4, zorder=3)
    logarithmic = numbers and min(places) > 0 and max(places) / min(places) >= WIDE
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xticks(
        places, _clear(np.log(places) if logarithmic else np.array(places), names) if numbers else _in_lines(names)
    )
    axes.minorticks_off()
    axes.set_xlabel(axis.name)
    axes.set_ylabel("test accuracy (%)")
    axes.grid(alpha=0.3)
    return figure


def _in_lines(names: Sequence[str]) -> list[str]:
    """The names with each setting of an axis on a line of its own."""
    return [name.replace(", ", "\n") for name in names]


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


def heat_map(groups: Sequence[Group], one: Axis, other: Axis) -> Figure:
    """The mean test accuracy for each pair of values of the two axes; what was not run stays empty."""
    down, across = sorted((one, other), key=lambda axis: len(axis.scale))
    cells = np.full((len(down.scale), len(across.scale)), np.nan)
    for group, row, column in zip(groups, down.values, across.values, strict=True):
        cells[down.scale.index(row), across.scale.index(column)] = 100 * group.test.mean
    figure, axes = canvas(1.3 + 0.45 * min(len(down.scale), 12))
    mesh = axes.pcolormesh(np.ma.masked_invalid(cells), cmap="viridis", edgecolors="none")
    if cells.size <= NUMBERED:
        _number(axes, cells)
    axes.set_xticks(np.arange(len(across.scale)) + 0.5, _in_lines(across.names))
    axes.set_yticks(np.arange(len(down.scale)) + 0.5, down.names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(across.name)
    axes.set_ylabel(down.name)
    figure.colorbar(mesh, ax=axes, label="test accuracy (%)").outline.set_visible(False)
    return figure


def parallel_coordinates(groups: Sequence[Group], several: Sequence[Axis]) -> Figure:
    """A line for each group down through its values on every axis to its test accuracy, the best drawn last."""
    tests = np.array([group.test.mean for group in groups])
    low, high = float(tests.min()), float(tests.max())
    share = ((tests - low) / (high - low or 1.0)).tolist()
    letters = max(LETTERS - 1.25 * max(len(axis.name) for axis in several), 1)  # what the names leave, which are larger
    ends = [(good, f"{100 * (low + good * (high - low)):.2f}") for good in (0.0, 1.0)]
    return parallel([*(_row(axis, letters) for axis in several), Row("test (%)", share, ends)], share)


def _row(axis: Axis, letters: float) -> Row:
    """The axis as a coordinate, with as many values written as fit on so many letters."""
    written = axis.scale[:: _apart(axis.names, letters)]
    places = [_place(axis.scale, value) for value in axis.values]
    return Row(axis.name, places, [(_place(axis.scale, value), value_text(value)) for value in written])


def _apart(names: Sequence[str], letters: float) -> int:
    """Every how many values one is written, so that they stand clear of each other on a line of so many letters."""
    longest, gaps = max(map(len, names)), len(names) - 1
    return max(1, min(gaps, ceil(gaps * (1.5 * longest + 1) / letters)))  # at an end, all of a word is on one side


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
