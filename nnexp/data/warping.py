"""Images seen through a field that says, for each pixel, where to look."""

from __future__ import annotations

import numpy as np

from nnexp.nn.arrays import Array


def warped(images: Array, field: Array) -> Array:
    """The images `(n, height, width, colours)`, where each pixel is what was at its own place plus the field there.

    field: `(n, 2, height, width)` float32, in pixels down and right. Between pixels it is interpolated, bilinearly and
    in float32; around the image all is 0. Pixels of uint8 are rounded.
    """
    n, height, width, colours = images.shape
    framed = np.zeros((n, height + 2, width + 2, colours), np.float32)
    framed[:, 1:-1, 1:-1] = images
    corner, down, right = _places(field)
    out = np.empty_like(images)
    for colour in range(colours):
        seen = _between(framed[..., colour].ravel(), corner, width + 2, down, right)
        if out.dtype == np.uint8:
            seen += np.float32(0.5)  # what is cut off below is rounded here
        out[..., colour] = seen
    return out


def turned(angles: Array, height: int, width: int) -> Array:
    """The field `(n, 2, height, width)` that turns images around their middle by these angles `(n,)`, in radians."""
    down = (np.arange(height, dtype=np.float32) - np.float32((height - 1) / 2))[:, np.newaxis]
    right = np.arange(width, dtype=np.float32) - np.float32((width - 1) / 2)
    radians = angles.astype(np.float32)[:, np.newaxis, np.newaxis]
    less, sine = np.cos(radians) - 1, np.sin(radians)
    return np.stack([less * down - sine * right, sine * down + less * right], axis=1)


def _places(field: Array) -> tuple[Array, Array, Array]:
    """Where each pixel looks in framed images: the number of the pixel up and left, and how far down and right of it.

    Farther away than the frame is on the frame.
    """
    n, _, height, width = field.shape
    down = field[:, 0] + np.arange(1, height + 1, dtype=np.float32)[:, np.newaxis]
    right = field[:, 1] + np.arange(1, width + 1, dtype=np.float32)
    np.clip(down, 0, np.nextafter(np.float32(height + 1), np.float32(0)), out=down)
    np.clip(right, 0, np.nextafter(np.float32(width + 1), np.float32(0)), out=right)
    row, column = down.astype(np.int32), right.astype(np.int32)
    down -= row
    right -= column
    row *= width + 2
    row += column
    corner = row + (np.arange(n) * ((height + 2) * (width + 2)))[:, np.newaxis, np.newaxis]
    return corner, down, right


def _between(pixels: Array, corner: Array, width: int, down: Array, right: Array) -> Array:
    """The pixels at these corners, interpolated. pixels: of images of this width, one after the other."""
    above, above_right, below, below_right = (pixels.take(corner + step) for step in (0, 1, width, width + 1))
    above_right -= above
    above_right *= right
    above += above_right
    below_right -= below
    below_right *= right
    below += below_right
    below -= above
    below *= down
    above += below
    return above
