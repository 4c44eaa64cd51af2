"""Learning curves of settings as one chart: the mean over seeds, the best settings in colour."""

from __future__ import annotations

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.plots.chart import Chart, Ink, Line, Panel
from nnexp.plots.scales import around

INKS = (Ink.BLUE, Ink.ORANGE, Ink.GREEN, Ink.RED, Ink.PURPLE)
FAINT_CURVES = 40  # more would hide the others
DOTS = 2.5  # pixels
SHARE = 0.25  # of the epochs, the first ones, that may lie below the picture


def mean_curves(comparison: Comparison) -> Chart:
    """Test accuracy by epoch, in percent, without the untrained network."""
    coloured = [_curve(group, ink) for group, ink in zip(comparison.groups, INKS, strict=False)]
    others = [_curve(group, Ink.FAINT) for group in comparison.groups[len(INKS) :][:FAINT_CURVES]]
    lowest = min(sorted(line.y)[int(SHARE * len(line.y))] for line in coloured)
    lines = [_from(line, lowest) for line in [*others, *coloured]]
    return Chart(
        title=f"{comparison.title}: test accuracy by epoch",
        name="epoch",
        x=around([epoch for line in lines for epoch in line.x], most=10, whole=True),
        width=595,
        panels=[Panel("test accuracy (%)", around([value for line in lines for value in line.y], most=8), 220, lines)],
    )


def _curve(group: Group, ink: Ink) -> Line:
    epochs, mean, _ = group.curve
    return Line(epochs.tolist(), mean.tolist(), ink, "" if ink is Ink.FAINT else group.name or "all runs", dots=DOTS)


def _from(line: Line, lowest: float) -> Line:
    """The part of a curve that is not below; the last epoch always is."""
    points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if y >= lowest] or [(line.x[-1], line.y[-1])]
    return Line([x for x, _ in points], [y for _, y in points], line.ink, line.label, line.dashed, line.dots)
