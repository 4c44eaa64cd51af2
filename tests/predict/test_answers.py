"""Probabilities, and images read from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawings import bar
from PIL import Image as Picture

from nnexp.errors import DataError
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.predict.answers import answers, probabilities
from nnexp.predict.images import Image, images_in
from nnexp.predict.sketch import sketch


def test_a_probability_is_the_share_of_the_sum() -> None:
    assert probabilities(np.array([[0.9, 0.3], [0.0, 0.0]])).tolist() == [pytest.approx([0.75, 0.25]), [0.5, 0.5]]


def test_activations_end_with_the_outputs(network: Network, test_part: Examples) -> None:
    columns = (test_part.x.T / 256.0).astype(network.dtype)
    hidden, outputs = network.activations(columns)
    w, b = network.weights[0], network.biases[0]
    np.testing.assert_allclose(hidden, 1 / (1 + np.exp(-(w @ columns + b))), atol=1e-5)
    np.testing.assert_allclose(outputs.T, network.outputs(test_part), atol=1e-6)


def read_grey(file: Path, n_inputs: int = 784) -> Any:
    (image,) = images_in(str(file), n_inputs)
    return image.grey


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_pngs_of_all_kinds_are_read_grey(tmp_path: Path, mode: str) -> None:
    grey = bar((20, 30), 5, 6, 7, 8)
    picture = Picture.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else Picture.fromarray(grey)
    (picture if mode == "I;16" else picture.convert(mode)).save(tmp_path / "x.png")
    assert np.array_equal(read_grey(tmp_path / "x.png"), grey)


@pytest.mark.parametrize("ink", [0, 255], ids=["black", "white"])
def test_transparency_is_the_background_that_ink_stands_out_from(tmp_path: Path, ink: int) -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[5:15, 8:12] = (ink, ink, ink, 255)
    Picture.fromarray(pixels).save(tmp_path / "x.png")
    grey = read_grey(tmp_path / "x.png")
    assert (grey[10, 10], grey[0, 0]) == (ink, 255 - ink)


@pytest.mark.parametrize(
    ("array", "names"),
    [
        (np.zeros((3, 28, 28), np.uint8), ["x.npz[0]", "x.npz[1]", "x.npz[2]"]),
        (np.zeros((2, 784)), ["x.npz[0]", "x.npz[1]"]),
        (np.zeros((40, 30), np.uint8), ["x.npz"]),
        (np.zeros(784), ["x.npz"]),
        (np.zeros((1, 28, 28)), ["x.npz[0]"]),
    ],
    ids=["images", "rows", "image", "values", "one of one"],
)
def test_an_array_is_images_or_rows_or_one_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, array: Any, names: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("x.npz", array)
    found = list(images_in("x.npz", 784))
    assert [image.name for image in found] == names
    assert {image.grey.shape for image in found} == {(28, 28) if array.shape != (40, 30) else (40, 30)}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3), "b": np.zeros(3)}, "holds a, b, expected one array, or one of them called images"),
        ({}, "holds nothing, expected one array"),
        ({"a": np.zeros((2, 8, 8, 3))}, r"a has shape \(2, 8, 8, 3\), expected grey images"),
        ({"a": np.zeros((0, 8, 8))}, r"a has shape \(0, 8, 8\), expected grey images"),
        ({"a": np.zeros((8, 8), int)}, "a holds int64, expected uint8 from 0 to 255, or floats"),
        ({"a": np.full((8, 8), np.nan)}, "a has an infinity or a NaN"),
        ({"a": np.array([{}])}, "holds Python objects, expected an image"),
    ],
)
def test_arrays_that_are_no_images_are_refused_by_name(tmp_path: Path, arrays: Any, message: str) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=f"x.npz: {message}"):
        list(images_in(str(tmp_path / "x.npz"), 784))


def test_an_image_of_another_size_can_not_be_left_as_it_is(network: Network) -> None:
    with pytest.raises(DataError, match="x: is 30 x 20 pixels, expected 784, as the network has inputs"):
        answers(network, [Image("x", np.zeros((20, 30), np.uint8))], None)


def test_floats_left_as_they_are_are_fed_as_they_are(network: Network, test_part: Examples) -> None:
    (answer,) = answers(network, [Image("x", test_part.x[0].reshape(28, 28) / 256)], None)
    np.testing.assert_allclose(answer.outputs, network.outputs(test_part)[0], atol=1e-6)


def test_a_sketch_has_two_pixels_in_each_character() -> None:
    assert sketch(np.array([[0, 9, 0, 9], [0, 0, 9, 9], [9, 0, 0, 0]])) == " ▀▄█\n▀"
