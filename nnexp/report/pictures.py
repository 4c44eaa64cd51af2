"""Pictures of one run, each a figure that draws itself without a screen and without pyplot's global state."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.train.history import History

if TYPE_CHECKING:  # matplotlib takes most of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MISTAKES = 36
UNITS_SHOWN = 100
SMALLEST_IMAGE = 5  # pixels; a few measurements are no image, were their number a square


def pictures(
    network: Network, test: Examples, shape: tuple[int, ...], history: History
) -> Iterator[tuple[str, Figure]]:
    """All pictures of a run, as (file name, figure); one evaluation of the test examples serves them all.

    shape: of one example. Those that show examples or weights as images need it to be (height, width).
    """
    outputs = network.outputs(test)
    yield "learning_curve.png", learning_curve(history)
    yield "confusion_matrix.png", confusion_matrix(test.labels, outputs.argmax(axis=1), outputs.shape[1])
    if len(shape) == 2 and min(shape) >= SMALLEST_IMAGE:
        yield "worst_mistakes.png", worst_mistakes(test, outputs, shape)
        yield "first_layer.png", first_layer(network.weights[0], shape)


def learning_curve(history: History) -> Figure:
    """Test and validation accuracy over epochs, and the training cost below; the untrained network would dwarf them."""
    figure, (above, below) = _figure(7, 6, rows=2)
    for metric, style in (("test_accuracy", "-"), ("validation_accuracy", "--")):
        epochs, values = history.curve(metric)
        above.plot(
            epochs[1:], [100 * value for value in values[1:]], style, marker=".", label=metric.replace("_accuracy", "")
        )
    best = history.best("test_accuracy")
    above.set_title(f"best test accuracy {best.metrics['test_accuracy']:.2%} in epoch {best.epoch}")
    above.set_ylabel("accuracy (%)")
    above.legend(loc="lower right")
    below.plot(*history.curve("train_cost"), color="tab:gray", marker=".")
    below.set_ylabel("training cost")
    below.set_xlabel("epoch")
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.locator_params(axis="x", integer=True)
    return figure


def confusion_matrix(labels: Array, said: Array, classes: int) -> Figure:
    """How often each true class (row) was called each class (column); shades leave the diagonal out."""
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels, said), 1)
    mistakes = counts - np.diag(np.diag(counts))
    side = min(max(5.0, 0.55 * classes), 16.0)
    figure, (axes,) = _figure(side, side)
    axes.imshow(mistakes, cmap="Oranges")
    axes.set_xlabel("said")
    axes.set_ylabel("true")
    axes.set_title(f"{mistakes.sum():,} of {counts.sum():,} test examples wrong")
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    if classes <= 26:  # more numbers would not be readable
        dark = mistakes.max() / 2
        for true, row in enumerate(counts):
            for column, count in enumerate(row):
                if count:
                    colour = "white" if true != column and count > dark else "black"
                    axes.text(column, true, str(count), ha="center", va="center", color=colour, fontsize=8)
    return figure


def worst_mistakes(test: Examples, outputs: Array, shape: tuple[int, ...]) -> Figure:
    """The test images that the network got wrong with the highest output, what it said and what is true."""
    said, true = outputs.argmax(axis=1), test.labels
    wrong = np.flatnonzero(said != true)
    worst = wrong[np.argsort(-outputs[wrong, said[wrong]], kind="stable")][:MISTAKES]
    figure, axes = _canvas(7, 7.8)
    axes.set_title(f"the {len(worst)} most confident mistakes: said (output), true" if len(worst) else "no mistakes")
    if len(worst):
        height, width = shape
        gap = round(0.45 * height)  # room for the words below an image
        axes.imshow(_montage(test.x[worst].reshape(-1, *shape), gap, empty=0), cmap="gray_r")
        columns = _columns(len(worst))
        for place, index in enumerate(worst):
            row, column = divmod(place, columns)
            axes.text(
                column * (width + gap) + width / 2,
                row * (height + gap) + height + gap / 2,
                f"{said[index]} ({outputs[index, said[index]]:.2f}), {true[index]}",
                ha="center",
                va="center",
                fontsize=8,
            )
    return figure


def first_layer(weights: Array, shape: tuple[int, ...]) -> Figure:
    """What each unit of the first layer looks at: its weights `(units, values)` as images, blue < 0 < red."""
    shown = weights[:UNITS_SHOWN]
    figure, axes = _canvas(7.6, 7)
    figure.subplots_adjust(right=0.93)  # room for the colours' numbers
    axes.set_title(f"weights of the first layer ({len(shown)} of {len(weights)} units)")
    limit = float(np.quantile(np.abs(shown), 0.999)) or 1.0  # a few extreme weights would pale all others
    image = axes.imshow(_montage(shown.reshape(-1, *shape), 2, empty=np.nan), cmap="RdBu_r", vmin=-limit, vmax=limit)
    figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02, fraction=0.06)
    return figure


def _columns(count: int) -> int:
    return math.ceil(math.sqrt(count))


def _montage(images: Array, gap: int, empty: float) -> Array:
    """The images `(n, height, width)` side by side in one, as square as can be; one image draws far faster than n."""
    n, height, width = images.shape
    columns = _columns(n)
    rows = math.ceil(n / columns)
    canvas = np.full((rows * (height + gap), columns * (width + gap)), empty, dtype=np.float32)
    for place, image in enumerate(images):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure for an image and its title, without axes."""
    figure, (axes,) = _figure(width, height)
    figure.subplots_adjust(left=0.02, bottom=0.02, right=0.98)
    axes.axis("off")
    return figure, axes


def save(figure: Figure, path: Path) -> None:
    """Write it as PNG, packed lightly: a run has no time to lose over a few kilobytes."""
    figure.savefig(path, pil_kwargs={"compress_level": 1})


def _figure(width: float, height: float, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of that size in inches, with `rows` axes below each other.

    Its margins are given, for to have matplotlib find them takes as long as all the rest.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(left=0.85 / width, right=1 - 0.2 / width, bottom=0.6 / height, top=1 - 0.4 / height)
    return figure, list(np.ravel(figure.subplots(rows, 1, sharex=True)))
