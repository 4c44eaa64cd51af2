"""Parallel coordinates: a line for each setting of several things, down through what it chooses to what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnexp.plots.chart import Chart, Ink, Line, Panel, Words
from nnexp.plots.scales import Scale

LEVEL = 54  # pixels from one coordinate to the next
ABOVE, BELOW = -11, 12  # pixels from a coordinate to its name, and to what is written at its places
LETTERS = 42  # of words along a coordinate


@dataclass(frozen=True)
class Row:
    """One coordinate. places: of each line on it, 0 to 1. named: places, ascending, with what is written at them."""

    name: str
    places: Sequence[float]
    named: Sequence[tuple[float, str]]


def parallel(title: str, rows: Sequence[Row], good: Sequence[float], says: Sequence[str], width: int) -> Chart:
    """The lines. good: how good each one is, 0 to 1, and so how strong; the best is drawn last. says: what each is."""
    levels = [-float(level) for level in range(len(rows))]
    ranked = sorted(range(len(good)), key=lambda number: good[number])
    lines = [
        Line([row.places[n] for row in rows], levels, Ink.BLUE, strength=0.15 + 0.85 * good[n] ** 2, says=says[n])
        for n in ranked
    ]
    words = [
        Words(place, level, text, {0.0: "start", 1.0: "end"}.get(place, "middle"), down=BELOW)
        for level, row in zip(levels, rows, strict=True)
        for place, text in _clear(row.named)
    ]
    coordinates = [Line([0, 1], [level] * 2, Ink.GREY, strength=0.5) for level in levels]
    names = [Words(0, level, row.name, "start", ABOVE) for level, row in zip(levels, rows, strict=True)]
    y = Scale(levels[-1] - 0.5, 0.5, [], [])
    panel = Panel("", y, LEVEL * len(rows), [*coordinates, *lines, *names, *words], framed=False)
    low = min(0.0, *(place for row in rows for place in row.places))
    return Chart(title, "", Scale(low - 0.02, 1.02, [], []), width, [panel], words=f"The best: {says[ranked[-1]]}.")


def _clear(named: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Those that stand clear of each other, the first and the last among them."""
    *inner, last = named
    begins = _ends(last)[0] if inner else 0.0
    free = -1.0
    for each in inner:
        left, right = _ends(each)
        if left >= free and (right <= begins or each is named[0]):
            yield each
            free = right
    yield last


def _ends(named: tuple[float, str]) -> tuple[float, float]:
    """Where a word begins and ends on its coordinate, with some room after it."""
    place, text = named
    size = (len(text) + 1) / LETTERS
    left = {0.0: 0.0, 1.0: 1 - size}.get(place, place - size / 2)
    return left, left + size
