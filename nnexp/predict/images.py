"""Grey images from files: PNG and whatever else Pillow reads, and arrays in `.npz` files."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnexp.data.files import read, reason
from nnexp.errors import DataError
from nnexp.nn.arrays import Array
from nnexp.nn.file_limits import Limit

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EXPECTED = "an image, such as PNG or JPEG, or an .npz file of images"
NAMES = ("images", "x", "x_test")  # of the array that is meant, where a file holds several
MOST_PIXELS = 50_000_000  # of a file; the largest photos have as many, and so has MNIST
PIXEL_BYTES = 8  # of the largest dtype
ROOM = 1_000_000  # bytes that a file may have beside its pixels
PHOTOS = ("MPO",)  # formats of phones that keep a smaller copy beside the photo


@dataclass(frozen=True)
class Image:
    """A grey image.

    name: its file, with its position where that holds several, `x.npz[3]`.
    grey: (height, width), uint8 from 0 to 255, or finite floats.
    """

    name: str
    grey: Array


def images_in(path: str, n_inputs: int, most_pixels: int = MOST_PIXELS) -> Iterator[Image]:
    """The images of a file. n_inputs: of the network; flat rows in an `.npz` file are images of so many pixels.

    most_pixels: that a file may have; more are refused before they are read. Raises `DataError`, naming the file, for
    one that holds no image, or what are no grey levels.
    """
    limit = Limit(ROOM + PIXEL_BYTES * most_pixels, f"8 bytes for each of {most_pixels:,} pixels; --max-pixels")
    raw = read(path, EXPECTED, limit)
    if raw.startswith(b"PK"):
        yield from _from_npz(raw, path, n_inputs, limit)
    else:
        yield Image(path, _from_picture(raw, path, most_pixels))


def _from_picture(raw: bytes, path: str, most_pixels: int) -> Array:
    """A picture's grey levels, turned as the camera was held.

    What is transparent shows white, or black where what is drawn is light.
    """
    from PIL import ImageOps, UnidentifiedImageError

    try:
        with _opened(raw) as picture:
            _check(picture, path, most_pixels)
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            if upright.mode.startswith(("I", "F")):
                return _sixteen_bits(np.asarray(upright, np.float64), path)
            if upright.mode == "LAB":
                raise DataError(f"{path}: has colours in Lab, expected grey, RGB or CMYK")
            return _over_background(np.asarray(upright.convert("RGBA").convert("LA")))
    except DataError:
        raise
    except UnidentifiedImageError:
        raise DataError(f"{path}: is no image that can be read, expected {EXPECTED}") from None
    except Exception as error:  # Pillow's formats raise whatever a damaged file makes go wrong
        raise DataError(f"{path}: is a damaged image ({reason(error)}), expected {EXPECTED}") from error


@contextmanager
def _opened(raw: bytes) -> Iterator[Picture]:
    """What Pillow makes of the bytes: its header is read. Its own limit on pixels makes way for ours."""
    from PIL import Image as Pillow

    usual, Pillow.MAX_IMAGE_PIXELS = Pillow.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata
            with Pillow.open(io.BytesIO(raw)) as picture:
                yield picture
    finally:
        Pillow.MAX_IMAGE_PIXELS = usual


def _check(picture: Picture, path: str, most_pixels: int) -> None:
    width, height = picture.size
    if width * height > most_pixels:
        found = f"is {width} x {height} pixels, {width * height:,} of them"
        raise DataError(f"{path}: {found}, expected at most {most_pixels:,}; --max-pixels {width * height} allows it")
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and picture.format not in PHOTOS:
        raise DataError(f"{path}: has {frames} pictures in it, expected one")


def _sixteen_bits(values: Array, path: str) -> Array:
    """Levels from 0 to 65535, which is what Pillow makes of a PNG with 16 bits, as 0 to 255."""
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 65535):
        raise DataError(f"{path}: has levels outside 0 to 65535, expected 8 or 16 bits")
    return np.rint(values / 257).astype(np.uint8)


def _over_background(grey_and_alpha: Array) -> Array:
    """`(height, width, 2)` put onto the background that its strokes stand out from."""
    if grey_and_alpha[..., 1].min() == 255:
        return np.ascontiguousarray(grey_and_alpha[..., 0])
    grey, alpha = grey_and_alpha[..., 0] / 255, grey_and_alpha[..., 1] / 255
    light = alpha.any() and (grey * alpha).sum() / alpha.sum() > 0.5
    return np.rint(255 * (grey * alpha + (0.0 if light else 1.0) * (1 - alpha))).astype(np.uint8)


def _from_npz(raw: bytes, path: str, n_inputs: int, limit: Limit) -> Iterator[Image]:
    name, array = _array(raw, path, limit)
    stack = _stacked(array, n_inputs, f"{path}: {name}")
    grey = _grey(stack, f"{path}: {name}")
    single = array.ndim == 1 or (array.ndim == 2 and array.shape[-1] != n_inputs)
    for position, image in enumerate(grey):
        yield Image(path if single else f"{path}[{position}]", image)


def _array(raw: bytes, path: str, limit: Limit) -> tuple[str, Array]:
    """The name and the array of the images in an `.npz` file: the only one, or the one that is called so."""
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        raise DataError(f"{path}: is a damaged zip file, expected {EXPECTED}")
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            names = [name for name in archive.files if len(archive.files) == 1 or name in NAMES]
            if len(names) != 1:
                held = ", ".join(archive.files) or "nothing"
                raise DataError(f"{path}: holds {held}, expected one array, or one of them called {' or '.join(NAMES)}")
            limit.check_arrays(archive, names, path)
            array = archive[names[0]]
            if not isinstance(array, np.ndarray):  # the bytes of a member that is no .npy file
                raise DataError(f"{path}: {names[0]} holds no array, expected grey images")
            return names[0], array
    except DataError:
        raise
    except Exception as error:  # whatever numpy and zipfile raise when the bytes are not what they say
        objects = "Object arrays" in str(error)
        found = "holds Python objects" if objects else f"can't be read as an .npz file ({reason(error)})"
        raise DataError(f"{path}: {found}, expected {EXPECTED}") from error


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
