"""A search's value over its settings: over each alone, and over two at once."""

from __future__ import annotations

from nnexp.plots.chart import Chart, Dots, Ink, Mark, Panel, Shape
from nnexp.searches.render.scales import ACROSS, HEIGHT, UP, Axis, window
from nnexp.searches.render.values import settings_text
from nnexp.searches.searched import Searched

LOW = 130  # pixels: the height of a panel where there are several
FAINTEST = 0.15  # of a dot's ink: the worst trial's


def over_setting(searched: Searched, along: Axis, width: int) -> Chart:
    """A panel for each objective: a dot is a complete trial, the best or the front in another colour."""
    trials = [trial for trial in searched.complete if along.name in trial.settings]
    places = along.spread(trials, ACROSS)
    best = searched.front if searched.several else [searched.best]
    panels = []
    for which in range(len(searched.objectives)):
        seen = window(searched, which)
        dots, _ = seen.dots(trials, which, places)
        at = [(x, y) for trial, x, y in zip(trials, places, seen.shown(trials, which), strict=True) if trial in best]
        rings = Dots([x for x, _ in at], [y for _, y in at], Ink.ORANGE, [""] * len(at), radius=5)
        panels.append(Panel(seen.named(), seen.scale, LOW if searched.several else HEIGHT, [*dots, rings]))
    return Chart(f"search {searched.name}: by {along.name}", along.name, along.scale, width, panels, _words(searched))


def pair(searched: Searched, across: Axis, up: Axis, width: int) -> Chart:
    """Two settings of each trial, the better the bluer; pruned ones are crosses.

    No contours: between a few dozen trials they would be drawn by interpolation, and show hills and valleys where
    nothing was tried, from values that seeds alone move.
    """
    seen = window(searched, 0)
    both = [trial for trial in searched.trials if across.name in trial.settings and up.name in trial.settings]
    trials = [trial for trial in searched.ranked[::-1] if trial in both]
    pruned = [trial for trial in both if trial.state == "pruned"]
    best = [trial for trial in trials if trial in (searched.front if searched.several else [searched.best])]
    good = seen.good([trial.values[0] for trial in trials])
    marks: list[Mark] = [
        Dots(
            across.spread(some, ACROSS),
            up.spread(some, UP),
            ink,
            [f"{seen.says(trial, 0)}, {settings_text(trial.settings)}" for trial in some] if told else [""] * len(some),
            label,
            shape,
            radius,
            strengths,
        )
        for some, ink, told, label, shape, radius, strengths in (
            (pruned, Ink.GREY, False, "pruned", Shape.CROSS, 3.5, []),
            (trials, Ink.BLUE, True, "", Shape.DOT, 5, [FAINTEST + (1 - FAINTEST) * share for share in good]),
            (best, Ink.ORANGE, False, "", Shape.RING, 6.5, []),
        )
        if some
    ]
    panel = Panel(up.name, up.scale, HEIGHT, marks)
    title = f"search {searched.name}: {across.name} and {up.name}"
    return Chart(title, across.name, across.scale, width, [panel], _words(searched))


def _words(searched: Searched) -> str:
    best = searched.best
    return f"The best is trial {best.number}: {settings_text(best.settings)}." if best else ""
