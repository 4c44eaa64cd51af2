"""Small pictures of what a network saw: in the terminal from block characters, and as PNG files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnexp.errors import UsageError
from nnexp.nn.arrays import Array

BLOCKS = " ▀▄█"  # none, the upper, the lower, both of two pixels


def sketch(image: Array) -> str:
    """An image `(height, width)` in half as many lines, two pixels in each character; ink is what is above half."""
    ink = image > (np.max(image) + np.min(image)) / 2
    if len(ink) % 2:
        ink = np.vstack([ink, np.zeros_like(ink[:1])])
    pairs = ink[::2] + 2 * ink[1::2].astype(int)
    return "\n".join("".join(BLOCKS[pair] for pair in row).rstrip() for row in pairs)


def write_png(image: Array, path: Path) -> None:
    """Write an image, uint8 or floats from 0 to 1; raises `UsageError` if it can't be written."""
    from PIL.Image import fromarray

    pixels = image if image.dtype == np.uint8 else np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fromarray(pixels).save(path)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror or error})") from error
