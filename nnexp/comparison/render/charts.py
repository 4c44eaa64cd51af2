"""The charts of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.render.axes import axes_of
from nnexp.comparison.render.effects import effect
from nnexp.comparison.render.learning_curves import learning_curves
from nnexp.comparison.render.sentences import REST
from nnexp.plots.chart import Boxes, Chart, Ink, Panel, Words
from nnexp.plots.scales import Scale

WIDTH = 330  # pixels: words stay readable on a phone


@dataclass(frozen=True)
class Figure:
    """A chart, what it is called as a file, and what it shows in a sentence."""

    name: str
    shows: str
    chart: Chart


def charts(comparison: Comparison) -> Iterator[Figure]:
    """All that there are for the comparison."""
    seeds = "; bands are one standard deviation over seeds" if comparison.several_seeds else ""
    yield Figure("learning_curves", f"Test accuracy by epoch{seeds}.", learning_curves(comparison, WIDTH))
    if chart := effect(comparison, WIDTH):
        yield Figure("effect", _effect_shows(comparison), chart)
    if comparison.importance:
        how = "analysis of variance" if comparison.worked_out else "estimated by a random forest"
        shows = f"Explained variance of the test accuracy ({how}): {REST}."
        yield Figure("importance", shows, _importance(comparison))


def _effect_shows(comparison: Comparison) -> str:
    *names, last = (axis.name for axis in axes_of(comparison))
    what = (
        f"Test accuracy depending on {', '.join(names)} and {last}" if names else f"Test accuracy depending on {last}"
    )
    if not names and comparison.several_seeds:
        return f"{what}: means with their 95 % intervals, in the colours of the curves; a faint dot is a run."
    return f"{what}; the bluer, the better." if names else f"{what}."


def _importance(comparison: Comparison) -> Chart:
    names, shares = list(comparison.importance), [100 * share for share in comparison.importance.values()]
    levels = [-float(level) for level in range(len(names))]
    says = [f"{name}: {share:.0f} %" for name, share in zip(names, shares, strict=True)]
    boxes = Boxes(
        [(0, max(share, 0), level - 0.3, level + 0.3) for share, level in zip(shares, levels, strict=True)],
        Ink.BLUE,
        [1.0] * len(names),
        [""] * len(names),
        says,
    )
    longest = max(shares) or 1.0
    words = [
        Words(share + 0.02 * longest, level, f"{share:.0f} %", "start")
        for share, level in zip(shares, levels, strict=True)
    ]
    panel = Panel("", Scale(levels[-1] - 0.5, 0.5, levels, names), 30 * len(names), [boxes, *words], framed=False)
    x = Scale(0, 1.2 * longest, [], [])
    return Chart(f"{comparison.title}: explained variance", "", x, WIDTH, [panel], "; ".join(says))
