"""Charts of one run: how it has learnt, what was monitored, and how far its outputs can be believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nnexp.formats import percent
from nnexp.plots.calibration import BINS, Calibration
from nnexp.plots.chart import INKS, Bars, Chart, Ink, Line, Panel
from nnexp.plots.scales import around, around_powers, between, of_counts
from nnexp.train.history import History
from nnexp.train.monitors.base import Monitor

DOTS = 2.5  # pixels
IN_THE_LEARNING_CURVE = ("training_accuracy", "training_cost", "validation_cost")


def learning_curve(history: History) -> Chart:
    """Test and validation accuracy over epochs, and the training cost below; the untrained network would dwarf them.

    Beside them what is monitored of the same kind: accuracy on the training examples, and costs.
    """
    accuracies = [
        _curve(history, "test_accuracy", Ink.BLUE, "test", times=100),
        _curve(history, "validation_accuracy", Ink.ORANGE, "validation", dashed=True, times=100),
        _curve(history, "training_accuracy", Ink.GREEN, "training", times=100),
    ]
    costs = [
        _curve(history, "validation_cost", Ink.ORANGE, "validation", dashed=True),
        _curve(history, "training_cost", Ink.GREEN, "training"),
    ]
    while_training = _curve(history, "train_cost", Ink.GREY, "while training" if any(map(_has, costs)) else "")
    above, below = list(filter(_has, accuracies)), list(filter(_has, [while_training, *costs]))
    chosen = history.chosen
    test = percent(chosen.metrics["test_accuracy"])
    panels = [Panel("accuracy (%)", around(_values(above), most=8), 220, above, chosen.epoch)]
    if below:
        name = "cost" if len(below) > 1 else "training cost"
        panels.append(Panel(name, around(_values(below), most=8), 220, below))
    return Chart(
        title=f"test accuracy {test} in epoch {chosen.epoch}, the best on validation",
        name="epoch",
        x=around([chosen.epoch, *accuracies[0].x], most=10, whole=True),
        width=595,
        panels=panels,
    )


def _curve(history: History, metric: str, ink: Ink, label: str, dashed: bool = False, times: int = 1) -> Line:
    """The metric of the trained network over epochs; of the untrained one where training stopped before the first."""
    points = list(zip(*history.curve(metric), strict=True))
    found = [point for point in points if point[0]] or points
    return Line([epoch for epoch, _ in found], [times * value for _, value in found], ink, label, dashed, DOTS)


def _has(line: Line) -> bool:
    return len(line.x) > 0


def _values(lines: Sequence[Line]) -> list[float]:
    return [value for line in lines for value in line.y]


def monitored(history: History) -> Iterator[tuple[str, Chart]]:
    """A chart for each monitor that has measured anything, but those that the learning curve shows; with its kind."""
    for kind, monitor in Monitor.kinds().items():
        names = [name for name in _metrics(history) if name.partition("/")[0] == monitor.metric]
        if names and monitor.metric not in IN_THE_LEARNING_CURVE:
            yield kind, _monitor_chart(history, monitor, names)


def _monitor_chart(history: History, monitor: type[Monitor], names: Sequence[str]) -> Chart:
    """A line for each layer; on a logarithmic scale what is 0 has no point."""
    positive = monitor.logarithmic and any(value > 0 for name in names for value in history.curve(name)[1])
    lines = []
    for number, name in enumerate(names):
        points = [(x, y) for x, y in zip(*history.curve(name), strict=True) if y > 0 or not positive]
        label = name.partition("/")[2].replace("_", " ")
        ink, dashed = INKS[number % len(INKS)], number // len(INKS) % 2 == 1
        lines.append(Line([x for x, _ in points], [y for _, y in points], ink, label, dashed, DOTS))
    shown = list(filter(_has, lines))
    values = _values(shown)
    words = monitor.metric.replace("_", " ")
    return Chart(
        title=words + (" by layer" if monitor.of_layers else ""),
        name="epoch",
        x=around([epoch for line in shown for epoch in line.x], most=10, whole=True),
        width=595,
        panels=[Panel(words, around_powers(values) if positive else around(values, most=8), 330, shown)],
    )


def _metrics(history: History) -> list[str]:
    """The names of all metrics, in the order in which they came."""
    return list(dict.fromkeys(name for epoch in history.epochs for name in epoch.metrics))


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
