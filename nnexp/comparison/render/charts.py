"""The charts of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.render.axes import axes_of
from nnexp.comparison.render.effects import effect
from nnexp.comparison.render.learning_curves import learning_curves
from nnexp.plots.canvas import COLOURS, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Chart:
    """A figure, what it is called as a file, and what it shows in a sentence."""

    name: str
    shows: str
    figure: Figure


def charts(comparison: Comparison) -> Iterator[Chart]:
    """All that there are for the comparison."""
    seeds = "; bands are one standard deviation over seeds" if comparison.several_seeds else ""
    yield Chart("learning_curves", f"Test accuracy by epoch{seeds}.", learning_curves(comparison))
    if figure := effect(comparison):
        yield Chart("effect", _effect_shows(comparison), figure)
    if comparison.importance:
        how = "analysis of variance" if comparison.worked_out else "estimated by a random forest"
        shows = f"Explained variance of the test accuracy ({how})."
        yield Chart("importance", shows, _importance(comparison))


def _effect_shows(comparison: Comparison) -> str:
    *names, last = (axis.name for axis in axes_of(comparison))
    what = (
        f"Test accuracy depending on {', '.join(names)} and {last}" if names else f"Test accuracy depending on {last}"
    )
    if not names and comparison.several_seeds:
        return f"{what}: means with their 95 % intervals; a dot is a run."
    return f"{what}; the bluer, the better." if len(names) > 1 else f"{what}."


def _importance(comparison: Comparison) -> Figure:
    names, shares = list(comparison.importance), [100 * share for share in comparison.importance.values()]
    figure, axes = canvas(0.8 + 0.3 * len(names))
    bars = axes.barh(names, shares, color=COLOURS[0], height=0.6)
    axes.bar_label(bars, fmt="%.0f %%", padding=3)
    axes.set_xlim(0, 1.15 * max(shares))
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    return figure
