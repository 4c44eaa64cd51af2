"""Images made ready as MNIST's were, and what that costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawings import TESTED, accuracy, bar
from PIL import Image as Picture

from nnexp.data.sources.digits import Digits
from nnexp.errors import DataError
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.predict.paper import Blank
from nnexp.predict.preparation import DIGITS, MNIST, preparation_for, whole


def test_a_square_anywhere_becomes_20_by_20_around_the_middle() -> None:
    expected = np.zeros((28, 28), np.uint8)
    expected[4:24, 4:24] = 255  # its centre of mass, 9.5, can't be at 14: 14 - 9.5 is rounded to the even 4
    assert np.array_equal(MNIST(bar((100, 300), 3, 210, 40, 40)), expected)


def test_proportions_are_kept() -> None:
    saw = MNIST(bar((100, 100), 10, 10, 80, 20))
    rows, columns = (np.flatnonzero(saw.any(axis=axis)) for axis in (1, 0))
    assert (len(rows), len(columns)) == (20, 5)
    assert columns[0] == 12  # 14 minus the centre of mass, 2


def test_the_centre_of_mass_is_in_the_middle_not_that_of_the_box() -> None:
    grey = bar((60, 60), 10, 10, 4, 40)  # a top
    grey[14:50, 18:26] = 0  # and a thicker stem, left of its middle
    saw = MNIST(grey).astype(float)
    places = np.arange(28)
    for axis in (0, 1):
        assert abs(saw.sum(axis=axis) @ places / saw.sum() - 14) <= 0.5


def test_black_on_white_and_white_on_black_are_the_same() -> None:
    grey = bar((50, 60), 5, 7, 20, 11)
    assert np.array_equal(MNIST(grey), MNIST(255 - grey))


def test_ink_of_pale_grey_on_grey_becomes_as_strong_as_mnists() -> None:
    strong = bar((40, 40), 10, 18, 20, 4)
    strong[10:13, 18:30] = 0
    pale = np.where(strong, 100, 130).astype(np.uint8)
    np.testing.assert_allclose(MNIST(pale), MNIST(strong), atol=1)


def test_a_speck_of_noise_does_not_stretch_the_box() -> None:
    grey = bar((40, 40), 10, 18, 20, 4)
    clean = MNIST(grey)
    grey[0, 0] = 230
    assert np.array_equal(MNIST(grey), clean)


def test_floats_are_the_same_as_bytes() -> None:
    grey = bar((50, 60), 5, 7, 20, 11)
    assert np.array_equal(MNIST(grey / 255), MNIST(grey))


@pytest.mark.parametrize("prepared", [MNIST, lambda grey: whole(grey, 28)], ids=["prepared", "whole"])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_sheet_is_blank(prepared: Any, level: int) -> None:
    with pytest.raises(Blank, match="is blank, expected something drawn or written"):
        prepared(np.full((40, 40), level, np.uint8))


def test_a_single_pixel_of_ink_is_an_image() -> None:
    assert MNIST(bar((9, 9), 4, 4, 1, 1)).max() == 255
    with pytest.raises(Blank):
        MNIST(np.zeros((1, 1), np.uint8))


def test_floats_outside_0_to_1_are_refused() -> None:
    with pytest.raises(DataError, match=r"has values from -1 to 2, expected uint8, or floats from 0 to 1"):
        MNIST(np.array([[-1.0, 2.0]]))
    with pytest.raises(DataError, match="has values from 0 to 1e"):
        MNIST(np.array([[0.0, 1e300]]))


def test_what_images_are_prepared_for_follows_from_what_was_learned() -> None:
    assert preparation_for("mnist", 784) is preparation_for("mnist_pickle", 784) is preparation_for("", 784) is MNIST
    assert preparation_for("digits", 64) is DIGITS
    assert preparation_for("fashion_mnist", 784) is None
    assert preparation_for("npz", 784) is None
    assert preparation_for("", 100) is None


@pytest.mark.slow
def test_preparing_what_is_prepared_costs_no_accuracy(network: Network, test_part: Examples) -> None:
    images, direct = test_part.x.reshape(-1, 28, 28), network.evaluate(test_part) / TESTED
    assert direct > 0.9
    assert accuracy(network, images, test_part.y, None) == direct
    assert accuracy(network, images, test_part.y, MNIST) >= direct - 0.005
    assert accuracy(network, 255 - images, test_part.y, MNIST) >= direct - 0.005


@pytest.mark.slow
def test_large_copies_anywhere_on_a_sheet_are_read_as_well(network: Network, test_part: Examples) -> None:
    rng, sheets = np.random.default_rng(1), []
    for image in test_part.x.reshape(-1, 28, 28):
        sheet = Picture.new("L", (260, 300), 255)
        sheet.paste(
            Picture.fromarray(255 - image).resize((140, 140), Picture.Resampling.BICUBIC),
            (int(rng.integers(120)), int(rng.integers(160))),
        )
        noise = rng.normal(0, 4, (300, 260))
        sheets.append(np.clip(np.asarray(sheet) * 0.6 + 40 + noise, 0, 255).astype(np.uint8))
    assert accuracy(network, sheets, test_part.y, MNIST) >= network.evaluate(test_part) / TESTED - 0.015


def test_small_digits_are_prepared_for_8_by_8() -> None:
    data = Digits().load()
    network = Network([64, 30, 10], rng=0)
    for epoch in range(30):
        network.train_epoch(data.train, np.random.default_rng(epoch).permutation(len(data.train)), 10, 3.0)
    images = (data.test.x.reshape(-1, 8, 8) * 15.9).astype(np.uint8)
    large = np.pad(255 - images.repeat(10, axis=1).repeat(10, axis=2), ((0, 0), (30, 9), (5, 30)), constant_values=255)
    direct = network.evaluate(data.test) / len(data.test)
    assert direct > 0.88
    assert accuracy(network, large, data.test.y, DIGITS) >= direct - 0.05
