"""Learning curves with bands over seeds."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.nn.arrays import Array
from nnexp.plots.canvas import COLOURS, FAINT, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE = 48  # characters in the legend; a longer name has several
CUT = 0.25  # of a curve's epochs, at most, are not in the picture
FAINT_CURVES = 60  # more would hide the others


def learning_curves(comparison: Comparison) -> Figure:
    """Test accuracy by epoch: the mean over seeds, and a band of one standard deviation; the best groups in colour."""
    coloured = list(zip(comparison.groups, COLOURS, strict=False))
    faint = [(group, FAINT) for group in comparison.groups[len(coloured) :][:FAINT_CURVES]]
    figure, axes = canvas(2.9 + 0.19 * sum(1 + _label(group).count("\n") for group, _ in coloured))
    ends = []
    for group, colour in [*faint, *reversed(coloured)]:
        epochs, mean, sd = group.curve
        if colour != FAINT:
            axes.fill_between(epochs, mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
            ends.append((mean[-1], (mean + sd).max(), mean.min(), np.quantile(mean, CUT, method="lower")))
        axes.plot(
            epochs,
            mean,
            color=colour,
            linewidth=0.6 if colour == FAINT else 1.6,
            label=None if colour == FAINT else _label(group),
        )
    low, high = _limits(np.array(ends))
    axes.set_ylim(low, high)
    if min(lowest for _, _, lowest, _ in ends) < low:
        words = f"first epochs below {low:.1f} % are not shown"
        axes.text(0.99, 0.02, words, transform=axes.transAxes, fontsize=8, ha="right", gid="over_lines")
    axes.set_xlabel("epoch")
    axes.set_ylabel("test accuracy (%)")
    axes.grid(alpha=0.3)
    axes.locator_params(axis="x", integer=True)
    if faint:
        axes.plot([], [], color=FAINT, linewidth=0.6, label=f"{len(comparison.groups) - len(coloured)} more")
    handles, labels = axes.get_legend_handles_labels()
    order = [*range(len(coloured))[::-1], *range(len(coloured), len(handles))]
    figure.legend(
        [handles[i] for i in order],
        [labels[i] for i in order],
        loc="outside lower left",
        frameon=False,
        fontsize=9,
        labelspacing=0.25,
    )
    return figure


def _limits(ends: Array) -> tuple[float, float]:
    """What is shown of the axis, so that the first epochs do not press the last ones together.

    ends: for each curve (last, highest, lowest, quarter), the last what a quarter of its epochs at most lies below.
    """
    top, worst, lowest, quarter = ends[:, 1].max(), ends[:, 0].min(), ends[:, 2].min(), ends[:, 3].min()
    spread = max(top - worst, 0.5)
    return max(lowest, min(quarter, worst - 2 * spread)) - 0.1 * spread, top + 0.2 * spread


def _label(group: Group) -> str:
    """Its name for the legend."""
    return fill(group.name or "all runs", LINE, break_on_hyphens=False)
