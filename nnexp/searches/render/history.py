"""How a search went: the value of each trial and the best so far, and the learning curves that pruning cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nnexp.plots.chart import Chart, Dots, Ink, Line, Mark, Panel, Shape
from nnexp.plots.scales import around, between
from nnexp.searches.render.scales import HEIGHT, Window, window
from nnexp.searches.render.values import drawn
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial
from nnexp.study.objectives import VALIDATION

ROOM = 0.1  # above and below the curves' ends, of the height between them


def history(searched: Searched, width: int) -> Chart:
    """The first objective by the trial's number: a dot is a complete trial, a cross a pruned one's best epoch."""
    seen = window(searched, 0)
    pruned, beyond = _pruned(searched, seen)
    dots, edge = seen.dots(searched.complete, 0, [float(trial.number) for trial in searched.complete], "complete trial")
    return Chart(
        title=f"search {searched.name}: how it went",
        name="trial",
        x=around([trial.number for trial in searched.trials], most=8, whole=True),
        width=width,
        panels=[Panel(seen.named(beyond + edge), seen.scale, HEIGHT, [*_levels(searched, seen), *pruned, *dots])],
    )


def _levels(searched: Searched, seen: Window) -> Iterator[Line]:
    """The best so far, and the default settings where they were tried."""
    numbers = [trial.number for trial in searched.complete]
    values = [trial.values[0] for trial in searched.complete]
    best = (np.maximum if seen.up else np.minimum).accumulate(values).tolist()
    ends = [*numbers[1:], searched.trials[-1].number]
    x = [x for begin, end in zip(numbers, ends, strict=True) for x in (begin, end)]
    y = [drawn(seen.objective, value) for value in best for _ in range(2)]
    yield Line(x, y, Ink.ORANGE, "best so far")
    if default := searched.of_default:
        level = drawn(seen.objective, default.values[0])
        if seen.low <= level <= seen.high:
            yield Line([x[0], x[-1]], [level] * 2, Ink.GREEN, "default settings", dashed=True)


def _pruned(searched: Searched, seen: Window) -> tuple[list[Dots], int]:
    """The pruned trials, where the objective is what they were pruned by; and how many of them are at the edge."""
    pruned = [trial for trial in searched.trials if trial.state == "pruned" and trial.curve]
    if not pruned or seen.objective != VALIDATION:
        return [], 0
    shown, beyond = seen.inside([max(trial.curve.values()) for trial in pruned])
    says = [f"trial {trial.number}, pruned: {100 * max(trial.curve.values()):.2f} %" for trial in pruned]
    numbers = [trial.number for trial in pruned]
    return [Dots(numbers, shown.tolist(), Ink.GREY, says, "pruned", Shape.CROSS)], int(beyond.sum())


def curves(searched: Searched, width: int) -> Chart:
    """Validation accuracy by epoch of each trial's first seed; in colour the best, or the front, and the pruned."""
    best = searched.front if searched.several else [searched.best]
    known = [trial for trial in searched.trials if trial.state in ("complete", "pruned") and trial.curve]
    rest = [trial for trial in known if trial.state == "complete" and trial not in best]
    pruned, good = [trial for trial in known if trial.state == "pruned"], [trial for trial in known if trial in best]
    highest = [100 * max(trial.curve.values()) for trial in known]
    high, least = max(highest), float(np.quantile(highest, 0.1, method="lower"))
    room = ROOM * max(high - least, 0.5)
    low = least - room
    lines = [
        *_lines(rest, Ink.GREY, "complete", low),
        *_lines(pruned, Ink.RED, "pruned", low),
        *_lines(good, Ink.BLUE, "the front" if searched.several else "best trial", low),
    ]
    crosses = _crosses(pruned, low)
    marks: list[Mark] = [*lines, crosses] if crosses.x else [*lines]
    return Chart(
        title=f"search {searched.name}: learning curves",
        name="epoch",
        x=around([epoch for line in lines for epoch in line.x], most=8, whole=True),
        width=width,
        panels=[Panel("validation accuracy (%)", between(low, high + room, most=6), HEIGHT, marks)],
    )


def _lines(trials: list[SearchTrial], ink: Ink, label: str, low: float) -> Iterator[Line]:
    """The curve of each trial, as far as it is not below."""
    for trial in trials:
        points = _above(_points(trial), low)
        if points:
            x, y = [epoch for epoch, _ in points], [value for _, value in points]
            said = f"trial {trial.number}, {trial.state}: {y[-1]:.2f} % in epoch {x[-1]}"
            strength = 0.35 if ink is Ink.GREY else 1.0
            yield Line(x, y, ink, label, strength=strength, says=said)


def _above(points: Sequence[tuple[float, float]], low: float) -> list[tuple[float, float]]:
    """The part of a curve that is not below, from where it first comes up."""
    first = next((number for number, (_, value) in enumerate(points) if value >= low), len(points))
    inside = [point for point in points[first:] if point[1] >= low]
    if not 0 < first < len(points):
        return inside
    (x, y), (to_x, to_y) = points[first - 1], points[first]
    return [(x + (to_x - x) * (low - y) / (to_y - y), low), *inside]


def _crosses(pruned: list[SearchTrial], low: float) -> Dots:
    """Where trials were pruned."""
    ends = [_points(trial)[-1] for trial in pruned]
    inside = [end for end in ends if end[1] >= low]
    return Dots([x for x, _ in inside], [y for _, y in inside], Ink.RED, [""] * len(inside), shape=Shape.CROSS)


def _points(trial: SearchTrial) -> list[tuple[int, float]]:
    """The curve in percent, without the untrained network."""
    epochs = [epoch for epoch in sorted(trial.curve) if epoch > 0] or sorted(trial.curve)
    return [(epoch, 100 * trial.curve[epoch]) for epoch in epochs]
