"""Pictures as people have them: of every kind, damaged, huge, or none at all."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawings import bar
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo

from nnexp.errors import DataError
from nnexp.predict.images import images_in

GREY = bar((40, 60), 5, 6, 27, 8)


def written(path: Path, picture: Any = None, **how: Any) -> str:
    (picture or Picture.fromarray(GREY)).save(path, **how)
    return str(path)


def read(path: str, **how: Any) -> Any:
    (image,) = images_in(path, 784, **how)
    return image.grey


def refused(path: str, **how: Any) -> str:
    with pytest.raises(DataError) as caught:
        list(images_in(path, 784, **how))
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert "object at 0x" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV"])
def test_pictures_in_other_colours_are_read_grey(tmp_path: Path, mode: str) -> None:
    colours = Picture.fromarray(GREY).convert("RGB").convert(mode)
    path = (
        written(tmp_path / "x.tiff", colours) if mode != "HSV" else written(tmp_path / "x.png", colours.convert("RGB"))
    )
    assert np.abs(read(path).astype(int) - GREY).max() <= 2


def test_a_jpeg_is_read(tmp_path: Path) -> None:
    assert np.abs(read(written(tmp_path / "x.jpg", quality=95)).astype(int) - GREY).mean() < 2


def test_a_photo_is_turned_as_the_camera_was_held(tmp_path: Path) -> None:
    exif = Picture.Exif()
    exif[0x0112] = 6  # its top is on the right
    path = written(tmp_path / "x.png", Picture.fromarray(np.rot90(GREY).copy()), exif=exif)
    assert np.array_equal(read(path), GREY)


@pytest.mark.parametrize("name", ["x.txt", "x.png", "x.npz"])
def test_what_is_no_image_is_called_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("hello")
    assert refused(str(tmp_path / name)).startswith("is no image that can be read, expected an image, such as PNG")


def test_an_empty_file_and_a_folder_are_called_so(tmp_path: Path) -> None:
    (tmp_path / "x.png").touch()
    assert refused(str(tmp_path / "x.png")).startswith("is empty, expected an image")
    assert refused(str(tmp_path)).startswith("is a folder, expected an image")


def test_a_truncated_picture_is_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "x.png", Picture.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)))
    Path(path).write_bytes(Path(path).read_bytes()[:-500])
    assert refused(path).startswith("is a damaged image (")


@pytest.mark.parametrize("raw", [b"PK cut", b"PK\x03\x04"])
def test_a_zip_file_that_is_cut_is_damaged(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(raw)
    assert refused(str(tmp_path / "x.npz")).startswith("is a damaged zip file, expected an image")


@pytest.mark.parametrize("name", ["x.png", "x.gif"])
def test_an_animation_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, save_all=True, append_images=[Picture.fromarray(255 - GREY)])
    assert refused(path) == "has 2 pictures in it, expected one"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "x.png")
    expected = "is 60 x 40 pixels, 2,400 of them, expected at most 2,399; --max-pixels 2400 allows it"
    assert refused(path, most_pixels=2399) == expected
    assert read(path, most_pixels=2400).shape == (40, 60)


def png(width: int, height: int, chunks: bytes = b"") -> bytes:
    """A PNG that declares so many grey pixels, and has none."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_000, 15_000, 2**31 - 1])
def test_a_header_that_declares_a_vast_picture_is_refused_in_our_words(tmp_path: Path, side: int) -> None:
    (tmp_path / "x.png").write_bytes(png(side, side))
    assert refused(str(tmp_path / "x.png")).startswith(f"is {side} x {side} pixels, ")


def test_pillows_own_limit_is_there_again_afterwards(tmp_path: Path) -> None:
    usual = Picture.MAX_IMAGE_PIXELS
    read(written(tmp_path / "x.png"))
    assert usual == Picture.MAX_IMAGE_PIXELS != None  # noqa: E711


def test_text_that_unpacks_to_much_is_damage(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("x", "0" * 10**7, zip=True)
    assert refused(written(tmp_path / "x.png", pnginfo=notes)).startswith("is a damaged image (")


def test_an_npz_file_of_too_many_pixels_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, np.zeros((4000, 1000), np.uint8))
    (tmp_path / "x.npz").write_bytes(file.getvalue())
    message = refused(str(tmp_path / "x.npz"), most_pixels=100_000)
    assert message.startswith("holds 4 MB, expected at most 1.8 MB (")
    assert "--max-pixels" in message
