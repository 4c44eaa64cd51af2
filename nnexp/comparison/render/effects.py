"""How the result depends on what differs: error bars for one setting, a heat map for two, parallel lines for more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.comparison.render.axes import Axis, axes_of
from nnexp.formats import percent, value_text
from nnexp.plots.chart import INKS, Boxes, Chart, Dots, Ink, Line, Mark, Panel
from nnexp.plots.parallel import Row, parallel
from nnexp.plots.scales import Scale, around, columns

WIDE = 8.0  # the ratio of the largest to the smallest value from which an axis is logarithmic
HEIGHT = 220  # pixels
CELL = 44  # pixels, of a heat map's row
ROOM = 42  # pixels, of a cell that its value is written into
FAINTEST, STRONGEST = 0.06, 0.55  # of a cell's ink, on which words can be read
FAINT = 0.5  # of a run's ink
ASIDE = 0.02  # of the axis: how far a run's dot is from its mean


def effect(comparison: Comparison, width: int) -> Chart | None:
    """The picture for as many axes as there are; None if nothing differs."""
    title = f"{comparison.title}: test accuracy by setting"
    match axes_of(comparison):
        case []:
            return None
        case [axis]:
            return error_bars(title, comparison.groups, axis, width)
        case [one, other]:
            return heat_map(title, comparison.groups, one, other, width)
        case several:
            return parallel_coordinates(title, comparison.groups, several, width)


def error_bars(title: str, ranked: Sequence[Group], axis: Axis, width: int) -> Chart:
    """Test accuracy over the values of the one axis, with the 95 % interval of the mean, and every run a faint dot.

    ranked: the best first, each in the colour that its learning curve has.
    """
    x, places = _across(axis)
    inks = list(zip(ranked, chain(INKS, repeat(Ink.GREY)), strict=False))
    drawn = [(place, *inks[axis.values.index(value)]) for place, value in zip(places, axis.scale, strict=True)]
    means = [100 * group.test.mean for _, group, _ in drawn]
    marks: list[Mark] = [Line(places, means, Ink.GREY, strength=FAINT)] if axis.numbers else []
    for place, group, ink in drawn:
        tests = [100 * trial.chosen_test for trial in group.trials]
        runs = [f"a run: {test:.2f} %" for test in tests]
        marks += [
            Line([place, place], _interval(group), ink),
            Dots([_aside(x, place)] * len(tests), tests, ink, runs, radius=2.5, strengths=[FAINT] * len(tests)),
            Dots([place], [100 * group.test.mean], ink, [f"{group.name}: {_mean(group)}"]),
        ]
    shown = [y for mark in marks if isinstance(mark, Line | Dots) for y in mark.y]
    panel = Panel("test accuracy (%)", around(shown, most=8), HEIGHT, marks)
    return Chart(
        title, axis.name, x, width, [panel], "; ".join(f"{group.name}: {_mean(group)}" for _, group, _ in drawn)
    )


def heat_map(title: str, groups: Sequence[Group], one: Axis, other: Axis, width: int) -> Chart:
    """The mean test accuracy for each pair of values of the two axes; what was not run stays empty."""
    down, across = sorted((one, other), key=lambda axis: len(axis.scale))
    tests = [100 * group.test.mean for group in groups]
    low, high = min(tests), max(tests)
    numbered = width / len(across.scale) >= ROOM
    places = [
        (across.scale.index(column), down.scale.index(row))
        for column, row in zip(across.values, down.values, strict=True)
    ]
    boxes = Boxes(
        [(x - 0.5, x + 0.5, y - 0.5, y + 0.5) for x, y in places],
        Ink.BLUE,
        [FAINTEST + (STRONGEST - FAINTEST) * (test - low) / ((high - low) or 1.0) for test in tests],
        [f"{test:.2f}" if numbered else "" for test in tests],
        [f"{group.name}: {_mean(group)}" for group in groups],
    )
    panel = Panel(down.name, columns(down.names), CELL * len(down.scale), [boxes], framed=False)
    words = "; ".join(boxes.says)
    return Chart(title, across.name, columns(across.names), width, [panel], words)


def parallel_coordinates(title: str, groups: Sequence[Group], several: Sequence[Axis], width: int) -> Chart:
    """A line for each group down through its values on every axis to its test accuracy."""
    tests = [group.test.mean for group in groups]
    low, high = min(tests), max(tests)
    share = [(test - low) / ((high - low) or 1.0) for test in tests]
    ends = [(good, f"{100 * (low + good * (high - low)):.2f}") for good in (0.0, 1.0)]
    rows = [*map(_row, several), Row("test (%)", share, ends)]
    return parallel(title, rows, share, [f"{group.name}: {_mean(group)}" for group in groups], width)


def _across(axis: Axis) -> tuple[Scale, list[float]]:
    """The axis as the scale of a chart, and where its values are on it."""
    if not axis.numbers:
        return columns(axis.names), [float(place) for place in range(len(axis.scale))]
    places = [float(value) for value in axis.scale]
    logarithmic = min(places) > 0 and max(places) / min(places) >= WIDE
    room = (places[-1] / places[0]) ** 0.05 if logarithmic else 0.05 * (places[-1] - places[0])
    ends = (places[0] / room, places[-1] * room) if logarithmic else (places[0] - room, places[-1] + room)
    return Scale(*ends, places, axis.names, logarithmic), places


def _aside(scale: Scale, place: float) -> float:
    """A little to the right."""
    ratio, length = scale.high / (scale.low or 1.0), scale.high - scale.low
    return float(place * ratio**ASIDE) if scale.logarithmic else place + ASIDE * length


def _row(axis: Axis) -> Row:
    """The axis as a coordinate."""
    places = [_place(axis.scale, value) for value in axis.values]
    return Row(axis.name, places, [(_place(axis.scale, value), value_text(value)) for value in axis.scale])


def _place(values: Sequence[Any], value: Any) -> float:
    """Where a value is on its line, from 0 to 1: the values stand at equal distances."""
    return values.index(value) / (len(values) - 1)


def _interval(group: Group) -> list[float]:
    """From end to end, in percent; no accuracy is below 0 or above 100 %."""
    mean, low, high = group.test.mean, group.test.low, group.test.high
    ends = (mean, mean) if low is None or high is None else (max(low, 0.0), min(high, 1.0))
    return [100 * end for end in ends]


def _mean(group: Group) -> str:
    """`97.31 % (95 % interval 97.12 to 97.50)`."""
    low, high = _interval(group)
    return percent(group.test.mean) + (f" (95 % interval {low:.2f} to {high:.2f})" if low < high else "")
