"""Charts of one run: how it has learnt, and how far its outputs can be believed."""

from __future__ import annotations

import numpy as np

from nnexp.formats import percent
from nnexp.plots.calibration import BINS, Calibration
from nnexp.plots.chart import Bars, Chart, Ink, Line, Panel
from nnexp.plots.scales import around, between, of_counts
from nnexp.train.history import History

DOTS = 2.5  # pixels


def learning_curve(history: History) -> Chart:
    """Test and validation accuracy over epochs, and the training cost below; the untrained network would dwarf them."""
    accuracies = [
        _accuracy(history, "test", Ink.BLUE, dashed=False),
        _accuracy(history, "validation", Ink.ORANGE, dashed=True),
    ]
    cost = Line(*history.curve("train_cost"), Ink.GREY, dots=DOTS)
    chosen = history.chosen
    test = percent(chosen.metrics["test_accuracy"])
    return Chart(
        title=f"test accuracy {test} in epoch {chosen.epoch}, the best on validation",
        name="epoch",
        x=around([chosen.epoch, *accuracies[0].x], most=10, whole=True),
        width=595,
        panels=[
            Panel("accuracy (%)", around([*accuracies[0].y, *accuracies[1].y], most=8), 220, accuracies, chosen.epoch),
            Panel("training cost", around(cost.y, most=8), 220, [cost]),
        ],
    )


def _accuracy(history: History, data: str, ink: Ink, dashed: bool) -> Line:
    epochs, values = history.curve(f"{data}_accuracy")
    return Line(epochs[1:], [100 * value for value in values[1:]], ink, data, dashed, DOTS)


def reliability(found: Calibration) -> Chart:
    """Accuracy by confidence, the highest output, and below how many examples there are of each."""
    edges, some = np.linspace(0, 1, BINS + 1).tolist(), found.counts > 0
    confidence, accuracy = found.confidence[some].tolist(), (100 * found.accuracy[some]).tolist()
    above: list[Line | Bars] = [
        Bars(edges, (100 * np.where(some, found.accuracy, 0)).tolist(), Ink.BLUE, strength=0.35),
        Line([0, 1], [0, 100], Ink.GREY, "perfectly calibrated", dashed=True),
        Line(confidence, accuracy, Ink.BLUE, "this network", dots=4.0),
    ]
    return Chart(
        title=f"expected calibration error {percent(found.error)}",
        name="confidence",
        x=between(0, 1, most=10),
        width=495,
        panels=[
            Panel("accuracy (%)", between(0, 102, most=6), 370, above),
            Panel("examples", of_counts(int(found.counts.sum())), 125, [Bars(edges, found.counts.tolist(), Ink.BLUE)]),
        ],
    )
