"""The chart of a learning-rate range test."""

from __future__ import annotations

from nnexp.formats import number
from nnexp.plots.chart import Chart, Ink, Line, Panel
from nnexp.plots.scales import around, powers
from nnexp.train.range_test import ENOUGH, RangeTest

LIMIT = ENOUGH / 2  # times the first smoothed cost: what is higher would press all else flat


def range_chart(test: RangeTest) -> Chart:
    """Cost by learning rate, each block's and smoothed; the suggestion is marked."""
    smoothed = test.smoothed.tolist()
    highest = LIMIT * max(smoothed[0], smoothed[test.lowest])
    costs, curve = ([min(cost, highest) for cost in each] for each in (test.costs, smoothed))
    suggested = test.suggested
    found = f"suggested eta={number(suggested)}" if suggested else "no rate to suggest"
    return Chart(
        title=f"learning-rate range test: {found}",
        name=f"eta (learning rate){f'; {test.end}' if test.end else ''}",
        x=powers(min(test.rates[0], suggested or test.rates[0]), test.rates[-1]),
        width=595,
        panels=[
            Panel(
                "cost",
                around([*costs, *curve], most=8),
                330,
                [
                    Line(test.rates, costs, Ink.BLUE, "of a block of steps"),
                    Line(test.rates, curve, Ink.ORANGE, "smoothed"),
                ],
                suggested,
            )
        ],
    )
