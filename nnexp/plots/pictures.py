"""The pictures of a finished run: which there are, and writing them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nnexp.plots.calibration import calibration
from nnexp.plots.drawing import drawn
from nnexp.plots.first_layer import first_layers
from nnexp.plots.misclassified import confusion, confusion_matrix, worst_mistakes
from nnexp.plots.run_charts import learning_curve, monitored, reliability
from nnexp.train.events import Started
from nnexp.train.history import History
from nnexp.train.snapshots import Snapshots

if TYPE_CHECKING:  # Pillow takes a tenth of a second to import
    from PIL.Image import Image

FIGURES, IMAGES = "figures", "images"  # folders: of what is seen at the end, and of what MLflow shows over time


def pictures(run: Started, history: History, snapshots: Snapshots) -> Iterator[tuple[str, Image]]:
    """All pictures of a run that has ended, as (file name, image).

    Those that show examples or weights need examples that are images.
    """
    test, shape, outputs = run.dataset.test, run.dataset.image_shape, run.final_outputs
    yield f"{FIGURES}/learning_curve.png", drawn(learning_curve(history))
    for kind, chart in monitored(history):
        yield f"{FIGURES}/{kind}.png", drawn(chart)
    counts = confusion(test.labels, outputs.argmax(axis=1), outputs.shape[1])
    yield f"{FIGURES}/confusion_matrix.png", confusion_matrix(counts)
    yield f"{FIGURES}/reliability.png", drawn(reliability(calibration(test.labels, outputs)))
    if shape:
        yield f"{FIGURES}/worst_mistakes.png", worst_mistakes(test, outputs, shape)
        for epoch, image in first_layers(snapshots.epochs, shape, run.network.sizes[1]):
            yield f"{IMAGES}/first_layer/{epoch:04d}.png", image


def write_pictures(folder: Path, run: Started, history: History, snapshots: Snapshots) -> None:
    """Write them as PNG, packed lightly: a run has no time to lose over a few kilobytes."""
    greys = bytes(range(256))
    for name, image in pictures(run, history, snapshots):
        if image.mode == "L":  # one with a palette is packed without filters, in half the time
            image.putpalette(bytes(value for grey in greys for value in (grey, grey, grey)))
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, compress_level=1)
