"""Parallel coordinates: a line for each setting of several things, down through what it chooses to what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnexp.plots.canvas import COLOURS, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Row:
    """One coordinate. places: of each line on it, 0 to 1. named: places with what is written at them."""

    name: str
    places: Sequence[float]
    named: Sequence[tuple[float, str]]


def parallel(rows: Sequence[Row], good: Sequence[float]) -> Figure:
    """The lines. good: how good each one is, 0 to 1, which colours it; the best is drawn last."""
    figure, axes = canvas(0.8 + 0.5 * (len(rows) - 1))
    colours = _poor_to_good()
    levels = range(len(rows))
    axes.hlines(list(levels), 0, 1, color="black", linewidth=0.6)
    for number, share in sorted(enumerate(good), key=lambda each: each[1]):
        places = [row.places[number] for row in rows]
        axes.plot(places, levels, color=colours(share), linewidth=0.6 + 1.6 * share**3, alpha=0.8)
    for level, row in zip(levels, rows, strict=True):
        for place, text in row.named:
            _write(axes, place, level, text)
    axes.set_yticks(list(levels), [row.name for row in rows])
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _write(axes: Axes, place: float, level: int, text: str) -> None:
    """A value under its place on the line, and not beyond the line's ends."""
    side = {0.0: "left", 1.0: "right"}.get(place, "center")
    axes.text(place, level + 0.08, text, fontsize=8, ha=side, va="top", gid="over_lines")


def _poor_to_good() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("poor_to_good", [COLOURS[3], "#AAAAAA", COLOURS[0]])
