"""A search's value over its settings: over each alone, and over two at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from nnexp.plots.canvas import COLOURS, FAINT, WIDTH, canvas
from nnexp.searches.render.scales import UP, Axis, window
from nnexp.searches.render.values import axis_name
from nnexp.searches.searched import Searched

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL = 1.7  # inches high
BESIDE = 2  # panels


def slices(searched: Searched, axes_of: Sequence[Axis], which: int) -> Figure:
    """A panel for each setting: a dot is a complete trial, the best or the front in another colour."""
    from matplotlib.figure import Figure

    across = min(BESIDE, len(axes_of))
    down = ceil(len(axes_of) / across)
    figure = Figure(figsize=(WIDTH, (PANEL if across > 1 else 2 * PANEL) * down + 0.2), layout="constrained")
    panels = figure.subplots(down, across, sharey=True, squeeze=False).ravel().tolist()
    seen, trials = window(searched, which), searched.complete
    shown, beyond = seen.inside([trial.values[which] for trial in trials])
    best = np.array([trial in (searched.front if searched.several else [searched.best]) for trial in trials])
    for panel, axis in zip(panels, axes_of, strict=False):
        panel.spines[["top", "right"]].set_visible(False)
        places = axis.spread(trials)
        for some, marker in ((~beyond, "o"), (beyond, "v" if seen.up else "^")):
            panel.scatter(places[some], shown[some], s=14, marker=marker, color=COLOURS[0], linewidths=0)
        panel.scatter(places[best], shown[best], s=30, color=COLOURS[1], linewidths=0, zorder=3)
        axis.put_across(panel)
        seen.put(panel)
        panel.set_ylabel("")
        panel.tick_params(labelsize=8)
    for panel in panels[len(axes_of) :]:
        panel.set_visible(False)
    figure.supylabel(axis_name(seen.objective), fontsize=9)
    return figure


def pair(searched: Searched, across: Axis, up: Axis) -> Figure:
    """Two settings of each trial, coloured by its value; pruned ones are crosses.

    No contours: between a few dozen trials they would be drawn by interpolation, and show hills and valleys where
    nothing was tried, from values that seeds alone move.
    """
    figure, axes = canvas(3.4)
    seen = window(searched, 0)
    pruned = [trial for trial in searched.trials if trial.state == "pruned"]
    best = searched.front if searched.several else [searched.best]
    axes.scatter(across.spread(pruned), up.spread(pruned, UP), s=16, marker="x", color=FAINT, linewidths=1)
    trials = [trial for trial in searched.ranked[::-1] if across.name in trial.settings and up.name in trial.settings]
    shown, _ = seen.inside([trial.values[0] for trial in trials])
    dots = axes.scatter(
        across.spread(trials),
        up.spread(trials, UP),
        c=shown,
        s=34,
        cmap="viridis" if seen.up else "viridis_r",
        edgecolors=[COLOURS[3] if trial in best else FAINT for trial in trials],
        linewidths=[2.0 if trial in best else 0.5 for trial in trials],
    )
    across.put_across(axes)
    up.put_up(axes)
    axes.grid(alpha=0.3)
    figure.colorbar(dots, ax=axes, label=axis_name(seen.objective)).outline.set_visible(False)
    return figure
