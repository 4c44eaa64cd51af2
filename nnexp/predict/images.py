"""Grey images from files: PNG and whatever else Pillow reads, and arrays in `.npz` files."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nnexp.data.files import read, reason
from nnexp.errors import DataError
from nnexp.nn.arrays import Array

EXPECTED = "an image, such as PNG, or an .npz file of images"
NAMES = ("images", "x", "x_test")  # of the array that is meant, where a file holds several
LARGEST_SIDE = 10_000  # pixels


@dataclass(frozen=True)
class Image:
    """A grey image.

    name: its file, with its position where that holds several, `x.npz[3]`.
    grey: (height, width), uint8 from 0 to 255, or finite floats.
    """

    name: str
    grey: Array


def images_in(path: str, n_inputs: int) -> Iterator[Image]:
    """The images of a file. n_inputs: of the network; flat rows in an `.npz` file are images of so many pixels.

    Raises `DataError`, naming the file, for one that holds no image, or what are no grey levels.
    """
    raw = read(path, EXPECTED)
    if raw.startswith(b"PK"):
        yield from _from_npz(raw, path, n_inputs)
    else:
        yield Image(path, _from_picture(raw, path))


def _from_picture(raw: bytes, path: str) -> Array:
    """A picture's grey levels; what is transparent shows white, or black where what is drawn is light."""
    from PIL import Image as Picture

    try:
        with Picture.open(io.BytesIO(raw)) as picture:
            if max(picture.size) > LARGEST_SIDE:
                raise DataError(f"{path}: is {_size(picture)} pixels, expected at most {LARGEST_SIDE} a side")
            if picture.mode.startswith(("I", "F")):
                return _sixteen_bits(np.asarray(picture, np.float64), path)
            return _over_background(np.asarray(picture.convert("RGBA").convert("LA")))
    except DataError:
        raise
    except Exception as error:  # Pillow's formats raise whatever a damaged file makes go wrong
        raise DataError(f"{path}: can't be read as an image ({reason(error)}), expected {EXPECTED}") from error


def _size(picture: object) -> str:
    width, height = picture.size  # type: ignore[attr-defined]
    return f"{width} x {height}"


def _sixteen_bits(values: Array, path: str) -> Array:
    """Levels from 0 to 65535, which is what Pillow makes of a PNG with 16 bits, as 0 to 255."""
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 65535):
        raise DataError(f"{path}: has levels outside 0 to 65535, expected 8 or 16 bits")
    return np.rint(values / 257).astype(np.uint8)


def _over_background(grey_and_alpha: Array) -> Array:
    """`(height, width, 2)` put onto the background that its strokes stand out from."""
    grey, alpha = grey_and_alpha[..., 0] / 255, grey_and_alpha[..., 1] / 255
    light = alpha.any() and (grey * alpha).sum() / alpha.sum() > 0.5
    return np.rint(255 * (grey * alpha + (0.0 if light else 1.0) * (1 - alpha))).astype(np.uint8)


def _from_npz(raw: bytes, path: str, n_inputs: int) -> Iterator[Image]:
    name, array = _array(raw, path)
    stack = _stacked(array, n_inputs, f"{path}: {name}")
    grey = _grey(stack, f"{path}: {name}")
    single = array.ndim == 1 or (array.ndim == 2 and array.shape[-1] != n_inputs)
    for position, image in enumerate(grey):
        yield Image(path if single else f"{path}[{position}]", image)


def _array(raw: bytes, path: str) -> tuple[str, Array]:
    """The name and the array of the images in an `.npz` file: the only one, or the one that is called so."""
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            names = [name for name in archive.files if len(archive.files) == 1 or name in NAMES]
            if len(names) != 1:
                held = ", ".join(archive.files) or "nothing"
                raise DataError(f"{path}: holds {held}, expected one array, or one of them called {' or '.join(NAMES)}")
            return names[0], archive[names[0]]
    except DataError:
        raise
    except Exception as error:  # whatever numpy and zipfile raise when the bytes are not what they say
        raise DataError(f"{path}: can't be read ({reason(error)}), expected {EXPECTED}") from error


def _stacked(array: Array, n_inputs: int, name: str) -> Array:
    """`(n, height, width)`: from the same, `(n, values)`, `(height, width)` or `(values,)`."""
    if array.ndim <= 2 and array.shape[-1:] == (n_inputs,):
        side = math.isqrt(n_inputs)
        shape = (side, side) if side * side == n_inputs else (1, n_inputs)
        array = array.reshape(-1, *shape)
    elif array.ndim == 2:
        array = array[np.newaxis]
    if array.ndim != 3 or 0 in array.shape:
        raise DataError(
            f"{name} has shape {array.shape}, expected grey images (n, height, width), (height, width), "
            f"or rows of {n_inputs} values"
        )
    return array


def _grey(stack: Array, name: str) -> Array:
    if stack.dtype != np.uint8 and stack.dtype.kind not in "fb":
        raise DataError(f"{name} holds {stack.dtype}, expected uint8 from 0 to 255, or floats")
    if not np.isfinite(stack).all():
        raise DataError(f"{name} has an infinity or a NaN, expected finite numbers")
    return stack if stack.dtype == np.uint8 else stack.astype(np.float64)
