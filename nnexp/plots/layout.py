"""Where words go, however a chart is drawn: the legend's rows, and names below an axis that do not touch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap

from nnexp.plots.chart import Chart, Dots, Line

Width = Callable[[str], float]  # of a text, in pixels
SWATCH, AFTER, BETWEEN = 26, 7, 20  # pixels: what shows a mark in the legend, before its label, and before the next
APART = 8  # pixels between two names
MOST_ROWS = 3  # of names below an axis

Entry = tuple[Line | Dots | None, str]  # a mark with its label; none where a label goes on


def legend(chart: Chart, width: Width) -> list[list[Entry]]:
    """The rows: each label once, as many beside each other as have room, what is faint last; a long one has several."""
    rows: list[list[Entry]] = []
    room = 0.0
    marks = {mark.label: mark for panel in chart.panels for mark in panel.labelled}.values()
    for mark in sorted(marks, key=lambda mark: isinstance(mark, Line) and mark.strength < 1):
        first, *more = _lines(mark.label, chart.width - SWATCH - AFTER, width)
        wide = SWATCH + AFTER + width(first) + BETWEEN
        if more or wide > room:
            rows.append([])
            room = chart.width + BETWEEN
        rows[-1].append((mark, first))
        rows += [[(None, line)] for line in more]
        room = 0.0 if more else room - wide
    return rows


def entry_width(entry: Entry, width: Width) -> float:
    """Of an entry of the legend, in pixels."""
    return SWATCH + AFTER + width(entry[1])


def named(
    middles: Sequence[float], names: Sequence[str], ends: tuple[float, float], width: Width
) -> list[tuple[float, int, str]]:
    """The middle and the row of each name below an axis, in as few rows as hold them; those without room are left out.

    middles: of the names' places, ascending. ends: what no name goes beyond. All are in pixels.
    """
    for rows in range(1, MOST_ROWS + 1):
        found = list(_in_rows(middles, names, ends, width, rows))
        if len(found) == len(names):
            return found
    return list(_in_rows(middles, names, ends, width, 1))


def _in_rows(
    middles: Sequence[float], names: Sequence[str], ends: tuple[float, float], width: Width, rows: int
) -> Iterator[tuple[float, int, str]]:
    free = [-math.inf] * rows
    for middle, name in zip(middles, names, strict=True):
        half = width(name) / 2
        inside = min(max(middle, ends[0] + half), ends[1] - half)
        row = next((row for row, end in enumerate(free) if inside - half >= end), None)
        if row is not None:
            free[row] = inside + half + APART
            yield inside, row, name


def _lines(label: str, room: float, width: Width) -> list[str]:
    letters = int(room / (width(label) / len(label)))
    return wrap(label, max(letters, 8), break_on_hyphens=False)
