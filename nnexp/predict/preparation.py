"""Making an image of any size and polarity look like the ones that a network has learned from.

What MNIST's authors did with their scans: the ink's bounding box is scaled to fit 20 x 20 pixels, its proportions
kept, with grey levels from anti-aliasing, and put into 28 x 28 with its centre of mass in the middle.
Source: LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist. What the middle is was measured: the centre of
mass of each of their images is within half a pixel of (14, 14), counted from 0. scikit-learn's digits fill their
8 x 8 pixels, around (3.5, 3.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.errors import DataError
from nnexp.nn.arrays import Array

FAINT = 0.2  # ink weaker than this share of the strongest is noise, or the soft edge of a stroke: no part of the box
LEAST_CONTRAST = 0.05  # of the range from black to white; less is an empty sheet


class Blank(DataError):
    """An image without ink."""


@dataclass(frozen=True)
class Preparation:
    """How a data set's images are laid out.

    side: pixels that they are high and wide. box: pixels that the ink is at most. middle: the position, counted from
    0, that the ink's centre of mass is at.
    """

    side: int
    box: int
    middle: float

    def __call__(self, grey: Array) -> Array:
        """What the network sees of a grey image `(height, width)`: `(side, side)`, uint8, ink light on black.

        Light ink is told from dark ink by the border, which is mostly background. Raises `Blank`, or `DataError` for
        floats outside 0 to 1.
        """
        ink = ink_of(grey)
        cropped = _box(ink, FAINT * float(ink.max()))
        scale = self.box / max(cropped.shape)
        height, width = (max(1, round(length * scale)) for length in cropped.shape)
        return self._centred(resized(cropped, height, width))

    def _centred(self, ink: Array) -> Array:
        canvas = np.zeros((self.side, self.side), np.uint8)
        top, left = (self._start(ink.sum(axis=1 - axis)) for axis in (0, 1))
        canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = as_pixels(ink)
        return canvas

    def _start(self, mass: Array) -> int:
        """Where ink of this mass along an axis begins for its centre to be in the middle, as near to it as it fits."""
        centre = float(mass @ np.arange(len(mass)) / mass.sum())
        return min(max(0, round(self.middle - centre)), self.side - len(mass))


MNIST = Preparation(28, 20, 14.0)
DIGITS = Preparation(8, 8, 3.5)
PREPARATIONS = {"mnist": MNIST, "mnist_pickle": MNIST, "digits": DIGITS}  # by the kind of data


def preparation_for(data: str, n_inputs: int) -> Preparation | None:
    """How images for a network are prepared that has learned from this kind of data; None: they are left as they are.

    Data that isn't known, an empty `data`, counts as MNIST if it fits. Clothes, and files of the user's own, are left.
    """
    known = PREPARATIONS.get(data or "mnist")
    return known if known and known.side**2 == n_inputs else None


def whole(grey: Array, side: int) -> Array:
    """The image as a whole, not cropped, ink light on black, scaled to `(side, side)`, uint8; raises as above."""
    return as_pixels(resized(ink_of(grey), side, side))


def ink_of(grey: Array) -> Array:
    """How far each pixel is from the background, towards the ink: 0 to 1, float32; raises `Blank` or `DataError`.

    grey: uint8 from 0 to 255, or floats from 0 to 1. The background is the median of the border; whether ink is
    lighter or darker is what strays further from it.
    """
    levels = grey / np.float32(255) if grey.dtype == np.uint8 else grey
    if levels.min() < 0 or levels.max() > 1:
        raise DataError(f"has values from {levels.min():g} to {levels.max():g}, expected uint8, or floats from 0 to 1")
    border = np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])
    away = levels.astype(np.float32) - np.float32(np.median(border))
    ink: Array = np.maximum(away if away.max() >= -away.min() else -away, 0).astype(np.float32)
    if ink.max() < LEAST_CONTRAST:
        raise Blank("is blank, expected something drawn or written")
    return ink


def resized(ink: Array, height: int, width: int) -> Array:
    """Ink of another size, anti-aliased."""
    from PIL.Image import Resampling, fromarray

    return np.asarray(fromarray(ink).resize((width, height), Resampling.BILINEAR))


def as_pixels(ink: Array) -> Array:
    """Ink as uint8, the strongest 255: thin or pale strokes are made as strong as MNIST's."""
    pixels: Array = np.rint(ink / ink.max() * 255).astype(np.uint8)
    return pixels


def _box(ink: Array, faint: float) -> Array:
    """What is within the bounding box of the ink that is stronger than `faint`."""
    rows, columns = (np.flatnonzero((ink > faint).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
