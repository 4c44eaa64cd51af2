"""The picture: the best so far against the epochs that were paid, a line for each method; shaded, its repetitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

from bench_search.paid import Step, best_at
from bench_search.task import BUDGET, EPOCHS
from nnexp.plots.chart import INKS, Band, Chart, Ink, Line, Mark, Panel
from nnexp.plots.drawing import png
from nnexp.plots.scales import between

WORST = 97.0  # where the picture begins, in percent


def picture(found: Mapping[str, Sequence[Sequence[Step]]], grid: float, grid_epochs: int) -> bytes:
    """A PNG. grid: the best validation accuracy of one of the grid's runs, for grid_epochs epochs."""
    paid = range(EPOCHS, BUDGET + 1, EPOCHS)
    bands: list[Mark] = []
    lines: list[Line] = []
    for (method, repetitions), ink in zip(found.items(), cycle(INKS), strict=False):
        curves = [[max(WORST, 100 * best_at(steps, epochs)) for steps in repetitions] for epochs in paid]
        dashed = method.startswith(("Optuna", "Ray"))
        lines.append(Line(paid, [sum(each) / len(each) for each in curves], ink, method, dashed))
        bands.append(Band(paid, [min(each) for each in curves], [max(each) for each in curves], ink, strength=0.1))
    lines.append(Line([0, BUDGET], [100 * grid] * 2, Ink.GREY, f"the grid, {grid_epochs:,} epochs", dashed=True))
    highest = max(value for line in lines for value in line.y)
    return png(
        Chart(
            title="what a search finds for its epochs",
            name="epochs paid",
            x=between(0, BUDGET, most=8),
            width=595,
            panels=[
                Panel(
                    "best validation accuracy, one seed (%)",
                    between(WORST, highest + 0.05, most=8),
                    330,
                    [*bands, *lines],
                )
            ],
        )
    )
