"""Charts of one run, each a figure that draws itself without a screen and without pyplot's global state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnexp.formats import percent
from nnexp.plots.calibration import BINS, Calibration
from nnexp.train.history import History

if TYPE_CHECKING:  # matplotlib and Pillow take most of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image


def learning_curve(history: History) -> Figure:
    """Test and validation accuracy over epochs, and the training cost below; the untrained network would dwarf them."""
    figure, (above, below) = _figure(7, 6, (1, 1))
    for metric, style in (("test_accuracy", "-"), ("validation_accuracy", "--")):
        epochs, values = history.curve(metric)
        above.plot(
            epochs[1:], [100 * value for value in values[1:]], style, marker=".", label=metric.replace("_accuracy", "")
        )
    chosen = history.chosen
    above.axvline(chosen.epoch, color="tab:gray", linestyle=":")
    test = percent(chosen.metrics["test_accuracy"])
    above.set_title(f"test accuracy {test} in epoch {chosen.epoch}, the best on validation")
    above.set_ylabel("accuracy (%)")
    above.legend(loc="lower right")
    below.plot(*history.curve("train_cost"), color="tab:gray", marker=".")
    below.set_ylabel("training cost")
    below.set_xlabel("epoch")
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.locator_params(axis="x", integer=True)
    return figure


def reliability(found: Calibration) -> Figure:
    """Accuracy by confidence, the highest output, and below how many examples there are of each."""
    figure, (above, below) = _figure(6, 6.6, (3, 1))
    left = np.arange(BINS) / BINS
    some = found.counts > 0
    bars: dict[str, Any] = {"width": 1 / BINS, "align": "edge", "color": "tab:blue", "edgecolor": "white"}
    above.bar(left[some], 100 * found.accuracy[some], alpha=0.35, **bars)
    above.plot([0, 1], [0, 100], "--", color="gray", label="perfectly calibrated")
    above.plot(found.confidence[some], 100 * found.accuracy[some], "o-", color="tab:blue", label="this network")
    above.set_title(f"expected calibration error {found.error:.2%}")
    above.set_ylabel("accuracy (%)")
    above.set_ylim(0, 102)
    above.set_xlim(0, 1)
    above.legend(loc="upper left")
    below.bar(left, found.counts, **bars)
    below.set_ylabel("examples")
    below.set_yscale("log")  # most are in the last bin, and the others matter
    below.set_xlabel("confidence")
    below.set_ylim(0.5, 2 * found.counts.sum())
    above.grid(alpha=0.3)
    return figure


def drawn(figure: Figure) -> Image:
    """The figure as an image, at 100 pixels an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def _figure(width: float, height: float, rows: tuple[int, ...]) -> tuple[Figure, list[Axes]]:
    """A figure of that size in inches, with axes below each other whose heights are to each other as `rows`.

    Its margins are given, for to have matplotlib find them takes as long as all the rest.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100)
    figure.subplots_adjust(left=0.85 / width, right=1 - 0.2 / width, bottom=0.6 / height, top=1 - 0.4 / height)
    return figure, list(figure.subplots(len(rows), 1, sharex=True, height_ratios=rows))
