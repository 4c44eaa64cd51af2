"""Augmentations: against scipy's, one image at a time, and as functions of a seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from nnexp.data.augmentations import base
from nnexp.data.augmentations.base import Augmentation
from nnexp.data.augmentations.elastic import Elastic, smoothing
from nnexp.data.augmentations.rotate import Rotate
from nnexp.data.augmentations.shift import Shift
from nnexp.nn.arrays import Array

ALL = [Shift(), Rotate(), Elastic(), Elastic(degrees=10)]
HEIGHT, WIDTH = 9, 12


def images(n: int = 6, colours: int = 1, dtype: str = "uint8") -> Array:
    rng = np.random.default_rng(n)
    return rng.integers(0, 256, (n, HEIGHT, WIDTH, colours)).astype(dtype)


def drawn(augmentation: Augmentation, n: int = 6) -> Array:
    return np.random.default_rng(1).random((n, augmentation.draws(HEIGHT, WIDTH)), np.float32)


def epoch(augmentation: Augmentation, source: Array, seed: Any = (0, 3, 1)) -> Array:
    out = np.empty_like(source)
    augmentation.epoch(source, np.random.default_rng(seed), out)
    return out


def looked_up(image: Array, down: Array, right: Array) -> Array:
    """What scipy interpolates at the places so far down and right of each pixel."""
    rows, columns = np.indices(image.shape)
    found: Array = ndimage.map_coordinates(
        image.astype(float), [rows + down, columns + right], order=1, mode="grid-constant"
    )
    return found


# Shifts


@pytest.mark.parametrize("pixels", [1, 3, 20])
@pytest.mark.parametrize(("move", "by"), [(0, (0, 0)), (1, (1, 0)), (2, (-1, 0)), (3, (0, 1)), (4, (0, -1))])
def test_a_shift_is_one_of_five_and_what_comes_in_is_0(move: int, by: tuple[int, int], pixels: int) -> None:
    source = images(1)
    found = Shift(pixels=pixels).changed(source, np.array([[move / 5 + 0.1]], np.float32))
    expected = ndimage.shift(source[0, ..., 0], [pixels * each for each in by], order=0)
    np.testing.assert_array_equal(found[0, ..., 0], expected)


def test_each_of_the_five_is_as_likely() -> None:
    source = np.zeros((5000, 5, 5, 1), np.uint8)
    source[:, 2, 2] = 1
    shares = epoch(Shift(), source).mean(axis=0)[..., 0]
    assert np.count_nonzero(shares) == 5
    np.testing.assert_allclose(shares[shares > 0], 0.2, atol=0.03)


# Rotations


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.9])
def test_a_rotation_is_what_scipy_interpolates_around_the_middle(share: float) -> None:
    source, angle = images(1, dtype="float32"), np.deg2rad(30) * (2 * share - 1)
    found = Rotate(degrees=30).changed(source, np.array([[share]], np.float32))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([(HEIGHT - 1) / 2, (WIDTH - 1) / 2])
    expected = ndimage.affine_transform(
        source[0, ..., 0], turn, middle - turn @ middle, order=1, mode="grid-constant", output=float
    )
    np.testing.assert_allclose(found[0, ..., 0], expected, atol=1e-2)


def test_a_quarter_turn_of_a_square_is_exact() -> None:
    square = images(1)[:, :, :HEIGHT]
    found = Rotate(degrees=90).changed(square, np.array([[0.0]], np.float32))
    np.testing.assert_array_equal(found[0], np.rot90(square[0]))


# Elastic distortions


@pytest.mark.parametrize("sigma", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("n", [1, 5, 28])
def test_smoothing_is_scipys_gaussian_filter(sigma: float, n: int) -> None:
    expected = ndimage.gaussian_filter1d(np.eye(n), sigma, axis=0, mode="constant")
    np.testing.assert_allclose(smoothing(n, sigma), expected, atol=1e-7)


@pytest.mark.parametrize("degrees", [0, 20])
def test_a_distortion_is_scipys_of_each_image_alone(degrees: int) -> None:
    elastic, source = Elastic(alpha=20, sigma=2, degrees=degrees), images(6, dtype="float32")
    numbers = drawn(elastic)
    found = elastic.changed(source, numbers)
    rows, columns = np.indices((HEIGHT, WIDTH))
    rows, columns = rows - (HEIGHT - 1) / 2, columns - (WIDTH - 1) / 2
    for image, new, of_image in zip(source, found, numbers, strict=True):
        noise = of_image[:-1].astype(float).reshape(2, HEIGHT, WIDTH) * 2 - 1
        down, right = (20 * ndimage.gaussian_filter(each, 2, mode="constant") for each in noise)
        angle = np.deg2rad(degrees) * (2 * of_image[-1] - 1)
        down += (np.cos(angle) - 1) * rows - np.sin(angle) * columns
        right += np.sin(angle) * rows + (np.cos(angle) - 1) * columns
        np.testing.assert_allclose(new[..., 0], looked_up(image[..., 0], down, right), atol=1e-2)


def test_the_papers_field_moves_a_pixel_in_the_middle_by_1_4_pixels() -> None:
    rows = smoothing(28, 4.0)
    of_noise = np.sqrt(1 / 3)  # standard deviation of what lies evenly from -1 to 1
    assert 34 * of_noise * (rows[14] @ rows[14]) == pytest.approx(1.39, abs=0.02)


def test_pixels_are_rounded_to_the_nearest() -> None:
    numbers = drawn(ALL[2])
    exact = Elastic().changed(images(dtype="float32"), numbers)
    np.testing.assert_array_equal(Elastic().changed(images(), numbers), np.floor(exact + 0.5))


# What holds for all


@pytest.mark.parametrize("augmentation", ALL, ids=repr)
def test_an_epoch_does_not_depend_on_how_many_images_are_made_at_once(
    augmentation: Augmentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = images(40)
    whole = epoch(augmentation, source)
    monkeypatch.setattr(base, "PIXELS_AT_ONCE", 7 * HEIGHT * WIDTH)
    np.testing.assert_array_equal(epoch(augmentation, source), whole)


@pytest.mark.parametrize("augmentation", ALL, ids=repr)
def test_an_epoch_is_a_function_of_the_seed(augmentation: Augmentation) -> None:
    source = images(40)
    np.testing.assert_array_equal(epoch(augmentation, source), epoch(augmentation, source))
    assert (epoch(augmentation, source) != epoch(augmentation, source, (0, 3, 2))).any()


@pytest.mark.parametrize("augmentation", ALL, ids=repr)
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
def test_each_colour_is_changed_as_a_grey_image_is(augmentation: Augmentation, dtype: str) -> None:
    source, numbers = images(colours=3, dtype=dtype), drawn(augmentation)
    found = augmentation.changed(source, numbers)
    assert found.dtype == dtype
    for colour in range(3):
        alone = augmentation.changed(source[..., colour : colour + 1], numbers)
        np.testing.assert_array_equal(found[..., colour : colour + 1], alone)


@pytest.mark.parametrize("augmentation", ALL, ids=repr)
def test_the_images_that_were_read_stay(augmentation: Augmentation) -> None:
    source = images()
    before = source.copy()
    epoch(augmentation, source)
    np.testing.assert_array_equal(source, before)


@pytest.mark.parametrize(
    ("augmentation", "problem"),
    [
        (Shift(pixels=9), "augment.pixels: got 9, expected fewer than 9, or nothing is left of an image"),
        (Elastic(sigma=9.5), "augment.sigma: got 9.5, expected less than 9, the side of an image"),
        (Elastic(alpha=340), "augment.alpha: got 340, which moves a pixel by 12.8 pixels with sigma=4, expected less"),
    ],
)
def test_what_leaves_nothing_of_an_image_is_refused(augmentation: Augmentation, problem: str) -> None:
    (found,) = augmentation.misfits(HEIGHT, WIDTH)
    assert found.startswith(problem)


@pytest.mark.parametrize("augmentation", ALL, ids=repr)
def test_the_defaults_fit_small_images(augmentation: Augmentation) -> None:
    assert augmentation.misfits(8, 8) == []


def test_a_field_that_leads_far_away_finds_0() -> None:
    found = Elastic(alpha=1e9).changed(images() | 1, drawn(ALL[2]))
    assert (found == 0).mean() > 0.99
