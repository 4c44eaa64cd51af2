"""A digit on a sheet as people have them: with specks, grain, ruled lines, and light from one side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawings import TESTED, accuracy, bar
from PIL import Image as Picture

from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.predict.paper import Blank
from nnexp.predict.preparation import MNIST

HEIGHT, WIDTH, DIGIT = 300, 260, 140  # pixels
PAPER, INK = 235, 40


def five(bar_left: int = 105) -> Any:
    """A five whose bar does not touch the rest of it."""
    sheet = bar((HEIGHT, WIDTH), 60, bar_left, 12, 60)
    sheet[80:130, 90:102] = sheet[120:132, 90:150] = sheet[120:190, 140:152] = sheet[180:192, 90:150] = 0
    return sheet


def specked(sheet: Any, level: int = 0) -> Any:
    """With specks of 3 x 3 to 6 x 6 pixels in the corners and elsewhere."""
    sheet = sheet.copy()
    for top, left, side in ((0, 0, 3), (1, -7, 6), (-4, 2, 4), (-3, -3, 3), (20, 200, 6), (270, 120, 5)):
        sheet[top:, left:][:side, :side] = level
    return sheet


def lit(sheet: Any) -> Any:
    """In a light that falls by 40 % from the left to the right, and from the top to the bottom by a quarter of that."""
    height, width = sheet.shape
    return sheet * np.linspace(1, 0.6, width) * np.linspace(1, 0.9, height)[:, None]


def ruled(sheet: Any, pitch: int, squared: bool = False) -> Any:
    """On paper with lines of two pixels, a quarter as strong as ink."""
    sheet, lines = sheet.astype(float), np.zeros(sheet.shape, bool)
    lines[::pitch] = lines[1::pitch] = True
    if squared:
        lines[:, ::pitch] = lines[:, 1::pitch] = True
    return np.where(lines, np.minimum(sheet, PAPER - 45), sheet)


def grainy(sheet: Any, deviation: float, seed: int) -> Any:
    return sheet + np.random.default_rng(seed).normal(0, deviation, sheet.shape)


def as_bytes(sheet: Any) -> Any:
    return np.clip(np.rint(sheet), 0, 255).astype(np.uint8)


def on_paper(sheet: Any) -> Any:
    """Ink of a pen on paper, from black on white."""
    return as_bytes(INK + sheet / 255 * (PAPER - INK))


@pytest.mark.parametrize("level", [0, 100, 254])
def test_specks_change_nothing_at_all(level: int) -> None:
    assert np.array_equal(MNIST(specked(five(), level)), MNIST(five()))
    assert np.array_equal(MNIST(255 - specked(five(), level)), MNIST(five()))


def test_a_digit_in_several_strokes_stays_whole() -> None:
    saw = MNIST(five())
    assert saw[4:7, 8:18].max() == 255  # the bar, above a gap
    rows = np.flatnonzero(saw.any(axis=1))
    assert len(rows) == 20


def test_a_drawing_on_an_even_sheet_is_cropped_and_scaled_and_nothing_else() -> None:
    drawing = np.asarray(Picture.fromarray(255 - five()).resize((200, 230), Picture.Resampling.LANCZOS))
    rows, columns = (np.flatnonzero((drawing > 0.2 * 255).any(axis=axis)) for axis in (1, 0))
    cropped = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / np.float32(255)
    size = round(20 * cropped.shape[1] / cropped.shape[0]), 20
    scaled = np.asarray(Picture.fromarray(cropped).resize(size, Picture.Resampling.BILINEAR))
    pixels, saw = np.rint(scaled / scaled.max() * 255), MNIST(drawing)
    rows, columns = (np.flatnonzero(saw.any(axis=axis)) for axis in (1, 0))
    assert np.array_equal(saw[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], pixels)


def test_what_is_far_from_the_digit_is_no_part_of_it() -> None:
    beside = five()
    beside[100:140, 5:15] = 0  # a stroke of the digit before
    assert np.array_equal(MNIST(beside), MNIST(five()))


def test_specks_blacker_than_the_digit_leave_a_pale_one_whole() -> None:
    pale = np.where(five() == 0, 110, 200).astype(np.uint8)
    assert np.array_equal(MNIST(specked(pale)), MNIST(pale))


@pytest.mark.parametrize(
    "worn",
    [lit, lambda sheet: ruled(sheet, 38), lambda sheet: ruled(sheet, 25, True), lambda sheet: grainy(sheet, 12, 1)],
    ids=["lit from a side", "ruled", "squared", "grainy"],
)
@pytest.mark.parametrize("polarity", [0, 255], ids=["dark on light", "light on dark"])
def test_the_paper_leaves_hardly_a_trace(worn: Any, polarity: int) -> None:
    sheet = on_paper(five())
    saw, clean = (
        MNIST(np.abs(polarity - as_bytes(each).astype(int)).astype(np.uint8)) for each in (worn(sheet), sheet)
    )
    nearest = min(np.abs(np.roll(saw.astype(int), down, 0) - clean).mean() for down in (-1, 0, 1))
    assert nearest < 16  # of 255: ink in the shade is paler


@pytest.mark.parametrize("worn", [lambda sheet: grainy(sheet, 12, 1), lambda sheet: grainy(lit(sheet), 4, 1), lit])
def test_an_empty_sheet_is_blank_whatever_its_light_and_grain(worn: Any) -> None:
    with pytest.raises(Blank):
        MNIST(as_bytes(worn(np.full((HEIGHT, WIDTH), PAPER))))


def test_a_large_sheet_shows_the_same_as_a_small_one() -> None:
    small = on_paper(specked(five()))
    np.testing.assert_allclose(MNIST(small.repeat(12, axis=0).repeat(12, axis=1)).astype(int), MNIST(small), atol=40)


WORN = {
    "specks": specked,
    "grain": lambda sheet: grainy(sheet, 12, 1),
    "light": lit,
    "ruled": lambda sheet: ruled(sheet, 38),
    "squared": lambda sheet: ruled(sheet, 25, True),
    "all": lambda sheet: grainy(lit(ruled(specked(sheet), 25, True)), 8, 1),
}


def sheets(images: Any) -> list[Any]:
    """Each image five times larger, anywhere on a sheet of paper."""
    rng, found = np.random.default_rng(1), []
    for image in images:
        sheet = Picture.new("L", (WIDTH, HEIGHT), 255)
        large = Picture.fromarray(255 - image).resize((DIGIT, DIGIT), Picture.Resampling.BICUBIC)
        sheet.paste(large, (int(rng.integers(WIDTH - DIGIT)), int(rng.integers(HEIGHT - DIGIT))))
        found.append(on_paper(np.asarray(sheet)))
    return found


@pytest.fixture(scope="module")
def clean(network: Network, test_part: Examples) -> tuple[list[Any], float]:
    """Clean sheets, and the accuracy on them."""
    images = sheets(test_part.x.reshape(TESTED, 28, 28))
    return images, accuracy(network, images, test_part.y, MNIST)


@pytest.mark.slow
@pytest.mark.parametrize("worn", WORN.values(), ids=WORN)
def test_worn_sheets_are_read_within_two_points_of_clean_ones(
    network: Network, test_part: Examples, clean: tuple[list[Any], float], worn: Any
) -> None:
    images, best = clean
    assert accuracy(network, [as_bytes(worn(sheet)) for sheet in images], test_part.y, MNIST) >= best - 0.02
