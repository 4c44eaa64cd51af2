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

from nnexp.nn.arrays import Array
from nnexp.predict.paper import ink_of
from nnexp.predict.strokes import digit_on


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

        The largest connected ink and what is near it is the digit. Raises `Blank`, or `DataError` for floats outside
        0 to 1.
        """
        ink = digit_on(ink_of(grey))
        scale = self.box / max(ink.shape)
        height, width = (max(1, round(length * scale)) for length in ink.shape)
        return self._centred(resized(ink, height, width))

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


def resized(ink: Array, height: int, width: int) -> Array:
    """Ink of another size, anti-aliased; what is below 0 is 0 only then, so that the paper's grain averages out."""
    from PIL.Image import Resampling, fromarray

    smaller = np.asarray(fromarray(ink).resize((width, height), Resampling.BILINEAR))
    return np.where(smaller > 0, smaller, np.float32(0))


def as_pixels(ink: Array) -> Array:
    """Ink as uint8, the strongest 255: thin or pale strokes are made as strong as MNIST's."""
    pixels: Array = np.rint(ink / ink.max() * 255).astype(np.uint8)
    return pixels
