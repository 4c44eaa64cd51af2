"""Learning curves of settings: the mean over seeds, the best settings in colour, with bands over seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.nn.arrays import Array
from nnexp.plots.chart import INKS, Band, Chart, Ink, Line, Panel
from nnexp.plots.scales import around, between

HEIGHT = 220  # pixels
DOTS = 2.5  # pixels
CUT = 0.25  # of a curve's epochs, at most, are not in the picture
FAINT_CURVES = 40  # more would hide the others


def learning_curves(comparison: Comparison, width: int) -> Chart:
    """Test accuracy by epoch, in percent, without the untrained network; bands are one standard deviation."""
    coloured = list(zip(comparison.groups, INKS, strict=False))
    others = comparison.groups[len(coloured) :]
    low, high = _limits(np.array([_ends(group) for group, _ in coloured]))
    in_front = [_line(group, ink, low) for group, ink in coloured]
    bottom = min([low, *(min(line.y) for line in in_front)])  # a later dip is in the picture
    lines = [*_faint(others, bottom), *in_front]
    bands = [band for group, ink in coloured for band in _band(group, ink, low, bottom)]
    cut = any(group.curve[1].min() < low for group, _ in coloured)
    return Chart(
        title=f"{comparison.title}: test accuracy by epoch",
        name=f"epoch; the first, below {low:.1f} %, are not shown" if cut else "epoch",
        x=around([epoch for line in lines for epoch in line.x], most=8, whole=True),
        width=width,
        panels=[Panel("test accuracy (%)", between(bottom, high, most=8), HEIGHT, [*bands, *lines])],
    )


def _line(group: Group, ink: Ink, low: float) -> Line:
    """The part of a curve from where it is no longer below; the last epoch always is."""
    epochs, mean, _ = group.curve
    seen = _from(mean, low)
    seen[-1] = True
    return Line(epochs[seen].tolist(), mean[seen].tolist(), ink, group.name or "all runs", dots=DOTS)


def _from(mean: Array, low: float) -> npt.NDArray[np.bool_]:
    """Whether each epoch is as late as the first that is not below."""
    return np.logical_or.accumulate(mean >= low)


def _faint(groups: Sequence[Group], low: float) -> Iterator[Line]:
    """The curves behind, as far as they are not below; the first of them says how many there are."""
    label = f"{len(groups)} more"
    for group in groups[:FAINT_CURVES]:
        epochs, mean, _ = group.curve
        seen = mean >= low
        if seen.any():
            yield Line(epochs[seen].tolist(), mean[seen].tolist(), Ink.GREY, label, strength=0.4)
            label = ""


def _band(group: Group, ink: Ink, low: float, bottom: float) -> Iterator[Band]:
    epochs, mean, sd = group.curve
    seen = _from(mean, low)
    if len(group.trials) > 1 and seen.sum() > 1:
        ends = (np.maximum(mean - sd, bottom)[seen].tolist(), (mean + sd)[seen].tolist())
        yield Band(epochs[seen].tolist(), *ends, ink)


def _ends(group: Group) -> tuple[float, float, float, float]:
    """Of a curve the last, the highest and the lowest, and what a quarter of its epochs at most lies below."""
    _, mean, sd = group.curve
    return mean[-1], (mean + sd).max(), mean.min(), np.quantile(mean, CUT, method="lower")


def _limits(ends: Array) -> tuple[float, float]:
    """What is shown of the axis, so that the first epochs do not press the last ones together. ends: of each curve."""
    top, worst, lowest, quarter = ends[:, 1].max(), ends[:, 0].min(), ends[:, 2].min(), ends[:, 3].min()
    spread = max(top - worst, 0.5)
    return max(lowest, min(quarter, worst - 2 * spread)) - 0.1 * spread, top + 0.2 * spread
