"""How a search went: the value of each trial and the best so far, and the learning curves that pruning cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnexp.plots.canvas import COLOURS, FAINT, canvas
from nnexp.searches.render.scales import Window, window
from nnexp.searches.render.values import drawn
from nnexp.searches.searched import Searched
from nnexp.study.objectives import VALIDATION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def history(searched: Searched) -> Figure:
    """The first objective by the trial's number: a dot is a complete trial, a cross a pruned one's best epoch."""
    figure, axes = canvas(3.2)
    seen = window(searched, 0)
    numbers = [trial.number for trial in searched.complete]
    values = [trial.values[0] for trial in searched.complete]
    beyond = _pruned(searched, axes, seen) + _dots(axes, seen, numbers, values)
    best = (np.maximum if seen.up else np.minimum).accumulate(values)
    line = [*numbers, searched.trials[-1].number], [drawn(seen.objective, value) for value in (*best, best[-1])]
    axes.step(*line, where="post", color=COLOURS[1], linewidth=1.6, label="best so far", zorder=1)
    if default := searched.of_default:
        level = drawn(seen.objective, default.values[0])
        axes.axhline(level, color=COLOURS[2], linewidth=1, linestyle="--", label="default settings", zorder=1)
    seen.put(axes, beyond)
    axes.set_xlabel("trial")
    axes.locator_params(axis="x", integer=True)
    figure.legend(loc="outside lower left", frameon=False, fontsize=9, ncols=2)
    return figure


def _dots(axes: Axes, seen: Window, numbers: list[int], values: list[float]) -> int:
    """The complete trials; how many of them are at the edge."""
    shown, beyond = seen.inside(values)
    x = np.array(numbers)
    axes.scatter(x[~beyond], shown[~beyond], s=18, color=COLOURS[0], linewidths=0, label="complete trial", zorder=2)
    axes.scatter(x[beyond], shown[beyond], s=18, color=COLOURS[0], marker="v" if seen.up else "^", linewidths=0)
    return int(beyond.sum())


def _pruned(searched: Searched, axes: Axes, seen: Window) -> int:
    """The pruned trials, where the objective is what they were pruned by; how many of them are at the edge."""
    pruned = [trial for trial in searched.trials if trial.state == "pruned" and trial.curve]
    if not pruned or seen.objective != VALIDATION:
        return 0
    shown, beyond = seen.inside([max(trial.curve.values()) for trial in pruned])
    numbers = [trial.number for trial in pruned]
    axes.scatter(numbers, shown, s=18, marker="x", color=FAINT, linewidths=1.2, label="pruned")
    return int(beyond.sum())


def curves(searched: Searched) -> Figure:
    """Validation accuracy by epoch of each trial's first seed; in colour the best, or the front, and the pruned."""
    figure, axes = canvas(3.2)
    best = searched.front if searched.several else [searched.best]
    ends = []
    for trial in searched.trials:
        epochs = [epoch for epoch in sorted(trial.curve) if epoch > 0] or sorted(trial.curve)
        if trial.state not in ("complete", "pruned") or not epochs:
            continue
        values = [100 * trial.curve[epoch] for epoch in epochs]
        colour = COLOURS[1] if trial in best else COLOURS[3] if trial.state == "pruned" else FAINT
        width, above = (1.8, 3) if trial in best else (0.8, 2)
        axes.plot(epochs, values, color=colour, linewidth=width, zorder=above)
        if trial.state == "pruned":
            axes.scatter(epochs[-1:], values[-1:], s=14, marker="x", color=colour, linewidths=1.2, zorder=2)
        ends.append(max(values))
    for label, colour in (
        ("the front" if searched.several else "best trial", COLOURS[1]),
        ("pruned", COLOURS[3]),
        ("complete", FAINT),
    ):
        axes.plot([], [], color=colour, label=label)
    high, low = max(ends), float(np.quantile(ends, 0.1, method="lower"))
    room = ROOM * max(high - low, 0.5)
    axes.set_ylim(low - room, high + room)
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation accuracy (%)")
    axes.grid(alpha=0.3)
    axes.locator_params(axis="x", integer=True)
    figure.legend(loc="outside lower left", frameon=False, fontsize=9, ncols=3)
    return figure


ROOM = 0.1  # above and below the curves' ends, of the height between them
