"""All of a search's settings and values at once: parallel coordinates, and the front of several objectives."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from nnexp.plots.canvas import COLOURS, FAINT, WIDTH
from nnexp.plots.parallel import Row, parallel
from nnexp.plots.scales import around, around_powers
from nnexp.searches.render.scales import Axis, put_across, window
from nnexp.searches.render.values import axis_name, drawn, value_of
from nnexp.searches.searched import Searched

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NONE = -0.07  # where a line passes a setting that its trial has not got: beside the coordinate
ENDS = 0.04  # of a coordinate, free at its ends: a name in the middle of its place stays clear of those beside it
NAMED = 12  # trials of a front
PANEL = 2.9  # inches high
WIDE = 8.0  # ratio of the largest value to the smallest from which an objective's axis is logarithmic


def coordinates(searched: Searched, axes_of: Sequence[Axis]) -> Figure:
    """A line for each complete trial through its settings to its values."""
    rows = [_setting(searched, axis) for axis in axes_of]
    rows += [_objective(searched, which) for which in range(len(searched.objectives))]
    seen = window(searched, 0)
    return parallel(rows, seen.good([trial.values[0] for trial in searched.complete]).tolist())


def _setting(searched: Searched, axis: Axis) -> Row:
    on_it = ENDS + (1 - 2 * ENDS) * axis.scale.place(axis.places(searched.complete))
    places = [NONE if isnan(place) else float(place) for place in on_it]
    ticks = ENDS + (1 - 2 * ENDS) * axis.scale.place(axis.scale.ticks)
    named = list(zip(ticks.tolist(), axis.scale.names, strict=True))
    return Row(axis.name, places, [*named, (NONE, "-")] if NONE in places else named)


def _objective(searched: Searched, which: int) -> Row:
    """The values from the worse end of what charts show, on the left, to the best."""
    seen = window(searched, which)
    values = [trial.values[which] for trial in searched.complete]
    worst, best = (min(values), max(values)) if seen.up else (max(values), min(values))
    _, beyond = seen.inside(values)
    inner = [value for value, out in zip(values, beyond, strict=True) if not out]
    inner_worst = min(inner) if seen.up else max(inner)
    sign = ("≤ " if seen.up else "≥ ") if beyond.any() else ""
    ends = [(0.0, f"{sign}{value_of(seen.objective, inner_worst if beyond.any() else worst)}")]
    return Row(
        seen.objective.replace("_", "\n"),
        seen.good(values).tolist(),
        [*ends, (1.0, value_of(seen.objective, best))] if best != worst else ends,
    )


def front(searched: Searched) -> Figure:
    """The first objective over each of the others: the trials of the front in colour, by their numbers."""
    from matplotlib.figure import Figure

    others = range(1, len(searched.objectives))
    figure = Figure(figsize=(WIDTH, PANEL * len(others) + 0.3), layout="constrained")
    for axes, other in zip(figure.subplots(len(others), squeeze=False).ravel().tolist(), others, strict=True):
        _panel(searched, axes, other)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", frameon=False, fontsize=9, ncols=2)
    return figure


def _panel(searched: Searched, axes: Axes, other: int) -> None:
    names, seen = searched.objectives, window(searched, 0)
    best = sorted(searched.front, key=lambda trial: trial.values[other])
    rest = [trial for trial in searched.complete if trial not in best]
    beyond = 0
    for trials, colour, size, label in ((rest, FAINT, 14, "other trials"), (best, COLOURS[0], 30, "the front")):
        if not trials:
            continue
        x = [drawn(names[other], trial.values[other]) for trial in trials]
        y, out = seen.inside([trial.values[0] for trial in trials])
        beyond += int(out.sum())
        axes.scatter(x, y, s=size, color=colour, linewidths=0, label=label, zorder=2 + (trials is best))
        if trials is best and len(names) == 2:
            axes.step(x, y, where="post" if seen.up else "pre", color=COLOURS[0], linewidth=1, zorder=1)
        for trial, *place in list(zip(trials, x, y, strict=True))[:NAMED] if trials is best else ():
            axes.annotate(
                str(trial.number),
                (place[0], place[1]),
                (4, -9),
                textcoords="offset points",
                fontsize=8,
                gid="over_lines",
            )
    values = [drawn(names[other], trial.values[other]) for trial in searched.complete]
    wide = min(values) > 0 and max(values) >= WIDE * min(values)
    put_across(axes, around_powers(values) if wide else around(values, most=5), axis_name(names[other]))
    axes.spines[["top", "right"]].set_visible(False)
    seen.put(axes, beyond)
