"""What each unit of the first layer looks at, over time: its weights as images, all on one scale of colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.plots.colour_maps import BLUE_TO_RED, GREY, colour_map
from nnexp.plots.montage import at_least, enlarged, montage, write
from nnexp.printable import counted

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 600  # pixels, about
GAP = 2  # weights
COLOURS, GREYS = 239, 17  # of a palette of 256: an odd number of colours, so that 0 is one of them, and greys for words
RAMP, ROOM, NARROWEST = 90, 36, 360  # pixels: of the scale of colours, of the number behind it, and of all of it


def first_layers(snapshots: Mapping[int, Array], shape: tuple[int, ...], units: int) -> Iterator[tuple[int, Image]]:
    """For each epoch's weights `(shown, values)`, an image of them. units: how many the layer has.

    shape: (height, width): blue < 0 < red; or (height, width, 3): each weight as the brightness of its own colour.
    """
    if not snapshots:
        return
    limit = limit_of(snapshots)
    for epoch, weights in snapshots.items():
        words = f"epoch {epoch}: {len(weights)} of {counted(units, 'unit')}"
        yield epoch, _image(weights.astype(np.float32).reshape(-1, *shape) / limit, limit, words)


def limit_of(snapshots: Mapping[int, Array]) -> float:
    """The weight, either way, that has the fullest colour: a few extreme ones would pale all others."""
    return max(float(np.quantile(np.abs(weights.astype(np.float32)), 0.999)) for weights in snapshots.values()) or 1.0


def _image(parts: Array, limit: float, words: str) -> Image:
    """Weights as parts of the limit, -1 to 1, `(n, *shape)`, with words and the scale of colours on top."""
    from PIL import Image

    levels = shades(parts)
    _, height, width, *rgb = parts.shape
    body = montage(levels, width + GAP, height + GAP)
    body = at_least(enlarged(body[np.newaxis], max(1, SIDE // max(body.shape[:2])))[0], NARROWEST)
    scale = _scale(body.shape[1], words, limit)
    if rgb:
        numbers = np.concatenate([np.repeat(scale[..., np.newaxis], 3, axis=2), body])
        return Image.fromarray(palette(GREY)[numbers, 0])  # its three channels are the same
    image = Image.fromarray(np.concatenate([scale, body]))
    image.putpalette(palette(BLUE_TO_RED).tobytes())
    return image


def _scale(width: int, words: str, limit: float) -> Array:
    """Words, and all colours with the weights that the outermost stand for, `(34, width)` of a palette's numbers."""
    from PIL import Image

    image = Image.new("L", (width, 34), 255)
    write(image, (8, 17), words, anchor="lm")
    number = f"{limit:.2g}"
    write(image, (width - 6 - RAMP - ROOM, 17), f"-{number}", anchor="rm")
    write(image, (width + 6 - ROOM, 17), number, anchor="lm")
    numbers = COLOURS + np.rint(np.asarray(image) / 255 * (GREYS - 1)).astype(np.uint8)
    right = width - ROOM
    numbers[10:24, right - RAMP : right] = shades(np.linspace(-1, 1, RAMP))
    return numbers


def shades(parts: Array) -> Array:
    """The palette's numbers, uint8, for parts of the limit; those beyond -1 and 1 get the fullest colour.

    They go with the square root: the small weights of an untrained network are seen, and how the others grow.
    """
    roots = np.sign(parts) * np.sqrt(np.minimum(np.abs(parts), 1))
    return np.asarray(np.rint((roots + 1) / 2 * (COLOURS - 1)), np.uint8)


@cache
def palette(name: str) -> Array:
    """(256, 3) of uint8: the colours of the map of that name, then greys from black to white."""
    greys = np.linspace(0, 255, GREYS).repeat(3).reshape(GREYS, 3)
    return np.concatenate([colour_map(name, COLOURS), np.rint(greys).astype(np.uint8)])
