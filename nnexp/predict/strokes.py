"""Finding the digit on a sheet: the largest connected ink and what is near it, not specks, grain or ruled lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.predict.paper import FAINT, LEAST_CONTRAST, Blank, grain_of

STROKE = 0.35  # of the digit's own ink; lines that are printed to write on are paler
OWN = 0.9  # the quantile of a component's ink that counts as its own: not its edge, nor a speck on it
PALER = 0.8  # a component whose own ink is paler than so much of what was taken for it is looked for again
GRAINS = 6  # standard deviations of the paper that are no ink
PRINTED = 0.97  # the quantile of the sheet beside the digit that tells how strong the lines on it are
EVERY = 7  # pixel of the sheet is looked at for that
SPECK = 0.02  # of the largest component's ink; less is no part of a digit
NEAR = 0.25  # of the largest component's longer side: how far off another stroke may be
EDGE = 0.05  # of the digit's longer side, a pixel of MNIST's 20: how far its soft edge reaches
SMALLEST_AVERAGED = 100  # pixels; of a sheet of fewer the grain is not averaged, for that would blur the digit

Box = tuple[slice, slice]


def digit_on(ink: Array) -> Array:
    """The digit's ink, cropped to it: all else in the rectangle is 0. Raises `Blank` if there is none.

    ink: `(height, width)`, as `ink_of` gives it.
    """
    from scipy import ndimage

    smooth = ndimage.uniform_filter(ink, 3) if grain_of(ink) and min(ink.shape) >= SMALLEST_AVERAGED else ink
    grain = GRAINS * grain_of(smooth)
    strokes, sheet, own = _strokes(smooth, grain, STROKE)
    printed = _printed(smooth, sheet, STROKE * own)
    if not grain and not printed:  # a drawing: what is pale is ink as well
        strokes, sheet, own = _strokes(smooth, grain, FAINT)
    reach = max(1, round(EDGE * _longer_side(sheet)))
    sheet = _grown(sheet, reach)
    near = ndimage.maximum_filter(strokes[sheet].astype(np.uint8), 2 * reach + 1).astype(bool)
    if printed > grain:
        near &= smooth[sheet] > printed
    digit = np.where(near, np.minimum(ink[sheet], np.float32(own / PALER)), np.float32(0))
    seen = near & (smooth[sheet] > max(FAINT * own, grain, printed))
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    cropped: Array = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cropped


def _strokes(ink: Array, grain: float, share: float) -> tuple[Array, Box, float]:
    """Where the digit's strokes are, the rectangle that holds them, and how strong their ink is.

    share: of its own ink that the palest stroke has. The strongest ink on the sheet may be a speck's. So what a stroke
    is is judged by the largest component's own ink: where that is paler, it is looked for once more.
    """
    from scipy import ndimage

    own = float(ink.max())
    while own > max(grain, LEAST_CONTRAST):
        inked = ink > max(share * own, grain)
        labels, n = ndimage.label(inked, np.ones((3, 3)))
        label, strength = labels[inked], ink[inked]
        mass = np.bincount(label, strength, n + 1)
        largest = int(mass.argmax())
        taken, own = own, float(np.quantile(strength[label == largest], OWN))
        if own >= PALER * taken:
            boxes = ndimage.find_objects(labels)
            kept: Array = _kept(boxes, mass, largest)
            return kept[labels], _around([boxes[int(each) - 1] for each in np.flatnonzero(kept)]), own
    raise Blank("is blank, expected something drawn or written")


def _printed(ink: Array, digit: Box, most: float) -> float:
    """How strong the lines are that paper is ruled or squared with, `most` at most; 0 where there are none."""
    beside = np.where(ink < most, ink, 0)
    beside[digit] = 0
    return max(0.0, float(np.quantile(beside.ravel()[::EVERY], PRINTED)))


def _kept(boxes: Sequence[Box], mass: Array, largest: int) -> Array:
    """Which labels are the digit's: the largest, and each that is heavy enough and near it; `(n + 1,)`, bool."""
    digit = boxes[largest - 1]
    kept: Array = mass >= SPECK * mass[largest]
    for each in map(int, np.flatnonzero(kept)):
        kept[each] = _gap(boxes[each - 1], digit) <= NEAR * _longer_side(digit)
    return kept


def _gap(one: Box, other: Box) -> int:
    """Pixels between two rectangles along the axis on which they are further apart."""
    return max(max(int(a.start - b.stop), int(b.start - a.stop), 0) for a, b in zip(one, other, strict=True))


def _around(boxes: Sequence[Box]) -> Box:
    """The rectangle that holds all of them."""
    rows, columns = (slice(min(s.start for s in side), max(s.stop for s in side)) for side in zip(*boxes, strict=True))
    return rows, columns


def _grown(box: Box, by: int) -> Box:
    """A rectangle that is so many pixels larger on each side; slices may reach over the sheet's far edges."""
    rows, columns = (slice(max(0, side.start - by), side.stop + by) for side in box)
    return rows, columns


def _longer_side(box: Box) -> int:
    return max(int(side.stop - side.start) for side in box)
