"""What a network gets wrong: how often which class for which, and the examples of which it was most sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.plots.colour_maps import ORANGES, colour_map
from nnexp.plots.montage import LARGE, SMALL, at_least, columns, enlarged, framed, montage, write

if TYPE_CHECKING:
    from PIL.Image import Image

MISTAKES = 36
LARGEST_SIDE = 1000  # pixels, of all cells of a confusion matrix
NUMBERED = 26  # classes; more numbers would not be readable


def confusion(labels: Array, predicted: Array, classes: int) -> Array:
    """How often each true class (row) was predicted as each class (column)."""
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def confusion_matrix(counts: Array) -> Image:
    """The confusion counts `(classes, classes)` as numbers; shades leave the diagonal out."""
    from PIL import Image

    classes = len(counts)
    mistakes = counts - np.diag(np.diag(counts))
    shares = mistakes / max(1, mistakes.max())
    cell = min(max(LARGEST_SIDE // classes, 1), 50)
    body = enlarged(colour_map(ORANGES, 256)[np.rint(255 * shares).astype(int)][np.newaxis], cell)[0]
    left, top = 58, 40
    image = Image.fromarray(at_least(framed(body, left, top, 58), 460))
    side = cell * classes
    title = f"{mistakes.sum():,} of {counts.sum():,} test examples misclassified"
    write(image, (max(left + side / 2, image.width / 2), top / 2), title, LARGE)
    write(image, (left + side / 2, top + side + 40), "predicted", LARGE)
    write(image, (6, top + side / 2), "true", LARGE, "lm")
    every = -(-SMALL * 2 // cell)  # classes whose names fit below each other
    for number in range(0, classes, every):
        middle = (number + 0.5) * cell
        write(image, (left + middle, top + side + 14), str(number))
        write(image, (left - 8, top + middle), str(number), anchor="rm")
    if classes <= NUMBERED:
        for true, column in np.argwhere(counts):
            at = left + (column + 0.5) * cell, top + (true + 0.5) * cell
            write(image, at, str(counts[true, column]), ink=255 if shares[true, column] > 0.5 else 0)
    return image


def worst_mistakes(test: Examples, outputs: Array, shape: tuple[int, ...]) -> Image:
    """The test images that the network got wrong with the highest confidence, the predicted class and the true one.

    shape: of an image, (height, width), black on white, or (height, width, 3), in its colours.
    """
    from PIL import Image

    worst = most_confident(test.labels, outputs)
    if not len(worst):
        image = Image.new("L", (400, 60), 255)
        write(image, (200, 30), "no mistakes", LARGE)
        return image
    images = _visible(test.x[worst].reshape(-1, *shape))
    large = enlarged(images, max(1, 84 // max(shape[:2])))
    height, width = large.shape[1] + 30, max(large.shape[2], 88) + 12
    across = columns(len(worst))
    body = montage(large, width, height)
    title = (
        f"the {len(worst)} most confident mistakes: predicted (confidence), true"
        if len(worst) > 1
        else "the only mistake"
    )
    image = Image.fromarray(at_least(framed(body, 12, 44, 4), 460))
    write(image, (image.width / 2, 22), title, LARGE)
    for place, index in enumerate(worst):
        row, column = divmod(place, across)
        predicted = outputs[index].argmax()
        words = f"{predicted} ({outputs[index, predicted]:.2f}), {test.labels[index]}"
        write(image, (12 + (column + 0.5) * width, 44 + row * height + height - 18), words)
    return image


def most_confident(labels: Array, outputs: Array) -> Array:
    """The places of the wrong examples with the highest outputs `(n, classes)`, highest first, 36 at most."""
    predicted, confidence = outputs.argmax(axis=1), outputs.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]


def _visible(images: Array) -> Array:
    """The images as uint8; grey ones with what is high as black, as ink is."""
    low, high = min(0.0, float(images.min())), float(images.max())
    shades = (255 * ((images - low) / max(high - low, 1e-9))).astype(np.uint8)
    return 255 - shades if images.ndim == 3 else shades
