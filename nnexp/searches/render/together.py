"""All of a search's settings and values at once: parallel coordinates, and the front of several objectives."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from nnexp.plots.chart import Chart, Ink, Line, Mark, Panel, Words
from nnexp.plots.parallel import Row, parallel
from nnexp.plots.scales import around, around_powers
from nnexp.searches.render.scales import HEIGHT, Axis, window
from nnexp.searches.render.values import axis_name, drawn, settings_text, value_of
from nnexp.searches.searched import Searched

NONE = -0.07  # where a line passes a setting that its trial has not got: beside the coordinate
ENDS = 0.04  # of a coordinate, free at its ends: a name in the middle of its place stays clear of those beside it
NAMED = 12  # trials of a front
WIDE = 8.0  # ratio of the largest value to the smallest from which an objective's axis is logarithmic


def coordinates(searched: Searched, axes_of: Sequence[Axis], width: int) -> Chart:
    """A line for each complete trial through its settings to its values."""
    rows = [_setting(searched, axis) for axis in axes_of]
    rows += [_objective(searched, which) for which in range(len(searched.objectives))]
    seen, trials = window(searched, 0), searched.complete
    good = seen.good([trial.values[0] for trial in trials])
    says = [f"{seen.says(trial, 0)}, {settings_text(trial.settings)}" for trial in trials]
    return parallel(f"search {searched.name}: settings and values", rows, good, says, width)


def _setting(searched: Searched, axis: Axis) -> Row:
    on_it = ENDS + (1 - 2 * ENDS) * axis.scale.place(axis.places(searched.complete))
    places = [NONE if isnan(place) else float(place) for place in on_it]
    ticks = ENDS + (1 - 2 * ENDS) * axis.scale.place(axis.scale.ticks)
    named = list(zip(ticks.tolist(), axis.scale.names, strict=True))
    return Row(axis.name, places, [(NONE, "-"), *named] if NONE in places else named)


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
    both = [*ends, (1.0, value_of(seen.objective, best))]
    return Row(seen.objective.replace("_", " "), seen.good(values), both if best != worst else ends)


def front(searched: Searched, other: int, width: int) -> Chart:
    """The first objective over another: the trials of the front in colour, by their numbers."""
    names, seen = searched.objectives, window(searched, 0)
    best = sorted(searched.front, key=lambda trial: trial.values[other])
    rest = [trial for trial in searched.complete if trial not in best]
    marks: list[Mark] = []
    edge = 0
    for trials, ink, label in ((rest, Ink.GREY, "other trials"), (best, Ink.BLUE, "the front")):
        x = [drawn(names[other], trial.values[other]) for trial in trials]
        dots, beyond = seen.dots(trials, 0, x, label, ink)
        y = seen.shown(trials, 0)
        edge += beyond
        if trials is best and len(names) == 2:
            marks.append(_steps(x, y, seen.up))
        marks += dots
        if trials is best:
            marks += [Words(a, b, f" {trial.number}", "start", 9) for trial, a, b in zip(trials, x, y, strict=True)][
                :NAMED
            ]
    values = [drawn(names[other], trial.values[other]) for trial in searched.complete]
    wide = min(values) > 0 and max(values) >= WIDE * min(values)
    return Chart(
        title=f"search {searched.name}: {names[0]} over {names[other]}".replace("_", " "),
        name=axis_name(names[other]),
        x=around_powers(values) if wide else around(values, most=5),
        width=width,
        panels=[Panel(seen.named(edge), seen.scale, HEIGHT, marks)],
        words=f"The front: {'; '.join(seen.says(trial, 0) for trial in best)}.",
    )


def _steps(x: Sequence[float], y: Sequence[float], up: bool) -> Line:
    """From one to the next, along what is reached there already: first across where more is better, else first up."""
    pairs = zip(x, y, x[1:], y[1:], strict=False)
    corners = [corner for a, b, c, d in pairs for corner in (((a, b), (c, b)) if up else ((a, b), (a, d)))]
    points = [*corners, (x[-1], y[-1])]
    return Line([a for a, _ in points], [b for _, b in points], Ink.BLUE)
