"""The picture: the best so far against the epochs that were paid, a line for each method; shaded, its repetitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench_search.paid import Step, best_at
from bench_search.task import BUDGET, EPOCHS
from nnexp.plots.canvas import COLOURS, canvas, png

WORST = 97.0  # where the picture begins, in percent


def picture(found: Mapping[str, Sequence[Sequence[Step]]], grid: float, grid_epochs: int) -> bytes:
    """A PNG. grid: the best validation accuracy of one of the grid's runs, for grid_epochs epochs."""
    figure, axes = canvas(3.2)
    paid = range(EPOCHS, BUDGET + 1, EPOCHS)
    for (method, repetitions), colour in zip(found.items(), [*COLOURS, *COLOURS], strict=False):
        curves = [[100 * best_at(steps, epochs) for steps in repetitions] for epochs in paid]
        style = ":" if method.startswith(("Optuna", "Ray")) else "-"
        axes.plot(paid, [sum(each) / len(each) for each in curves], style, color=colour, label=method, linewidth=1.5)
        axes.fill_between(paid, [min(each) for each in curves], [max(each) for each in curves], color=colour, alpha=0.1)
    axes.axhline(100 * grid, color="#999999", linestyle="--", linewidth=1, label=f"the grid, {grid_epochs:,} epochs")
    axes.set_ylim(WORST, None)
    axes.set_xlim(0, BUDGET)
    axes.set_xlabel("epochs paid")
    axes.set_ylabel("best validation accuracy, one seed (%)")
    axes.legend(fontsize=7, loc="lower right")
    axes.grid(alpha=0.3)
    return png(figure)
