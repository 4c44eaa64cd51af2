"""Charts as images: what is drawn where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnexp.nn.arrays import Array
from nnexp.plots.chart import Band, Bars, Boxes, Chart, Dots, Ink, Line, Mark, Panel, Shape, Words
from nnexp.plots.drawing import BOTTOM, GAP, LEFT, RIGHT, ROW, TOP, drawn
from nnexp.plots.scales import around, between

WIDTH, HEIGHT = 400, 100
ACROSS, UP = between(0, 1, most=5), between(0, 1, most=5)
DIAGONAL = Line([0, 1], [0, 1], Ink.BLUE)


def chart(*marks: Mark, marked: float | None = None, title: str = "") -> Chart:
    return Chart(title, "", ACROSS, WIDTH, [Panel("", UP, HEIGHT, marks, marked)])


def pixels(shown: Chart) -> Array:
    """The image, `(height, width, 3)`."""
    return np.asarray(drawn(shown).convert("RGB")).astype(int)


def inside(shown: Chart) -> Array:
    """What is in the frame of the only panel."""
    return pixels(shown)[TOP + 1 : TOP + HEIGHT, LEFT + 1 : LEFT + WIDTH]


def of_ink(image: Array, ink: Ink) -> Array:
    """Where the image has an ink at its full."""
    return np.asarray((np.abs(image - np.array(ink.value)) <= 1).all(axis=-1))


def test_panels_stand_below_each_other() -> None:
    one = chart(DIAGONAL)
    assert drawn(one).size == (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM)
    two = replace(one, panels=[*one.panels, *one.panels])
    assert drawn(two).size == (LEFT + WIDTH + RIGHT, TOP + HEIGHT + GAP + HEIGHT + BOTTOM)


def test_a_line_goes_where_its_points_are() -> None:
    blue = of_ink(inside(chart(Line([0, 0.5, 1], [0.25, 0.75, 0.25], Ink.BLUE))), Ink.BLUE)
    for x, y in ((0.125, 0.375), (0.25, 0.5), (0.49, 0.75), (0.75, 0.5)):
        row, column = round((1 - y) * HEIGHT), round(x * WIDTH)
        assert blue[row - 3 : row + 4, column].any()
        assert not blue[: row - 5, column].any()
        assert not blue[row + 5 :, column].any()


def test_a_line_is_smooth() -> None:
    reds = np.unique(inside(chart(DIAGONAL))[..., 0])
    assert ((reds > Ink.BLUE.value[0]) & (reds < 200)).sum() > 5


def test_a_dashed_line_is_two_thirds_of_a_whole_one() -> None:
    whole, dashed = ((inside(chart(replace(DIAGONAL, dashed=dashed)))[..., 0] < 100).sum() for dashed in (False, True))
    assert dashed / whole == pytest.approx(2 / 3, abs=0.05)


def test_points_have_dots_unless_they_are_crowded() -> None:
    def drawn_more(points: int) -> bool:
        x = np.linspace(0, 1, points).tolist()
        with_dots, without = (inside(chart(Line(x, x, Ink.BLUE, dots=dots))) for dots in (3, 0))
        return bool((with_dots < without).any())

    assert drawn_more(20)
    assert not drawn_more(300)


def test_the_only_point_is_a_dot() -> None:
    assert of_ink(inside(chart(Line([0.5], [0.5], Ink.BLUE, dots=3))), Ink.BLUE)[HEIGHT // 2 - 1, WIDTH // 2 - 1]


def test_bars_reach_from_the_bottom_to_their_heights() -> None:
    blue = of_ink(inside(chart(Bars([0, 0.5, 1], [0.25, 0.75], Ink.BLUE))), Ink.BLUE)
    assert blue[:, WIDTH // 4].sum() == pytest.approx(HEIGHT / 4, abs=1)
    assert blue[:, 3 * WIDTH // 4].sum() == pytest.approx(3 * HEIGHT / 4, abs=1)
    assert blue[-1, WIDTH // 4]


def test_a_bar_of_nothing_is_not_there() -> None:
    assert not of_ink(inside(chart(Bars([0, 1], [0], Ink.BLUE))), Ink.BLUE).any()


def test_a_bar_of_little_strength_is_pale() -> None:
    image = inside(chart(Bars([0, 1], [0.9], Ink.BLUE, strength=0.5)))
    np.testing.assert_allclose(image[50, 150], (255 + np.array(Ink.BLUE.value)) / 2, atol=4)


def test_a_line_covers_bars_of_the_same_ink() -> None:
    bars = Bars([0, 1], [1], Ink.BLUE, strength=0.5)
    assert of_ink(inside(chart(bars, Line([0, 1], [0.5, 0.5], Ink.BLUE))), Ink.BLUE)[HEIGHT // 2 - 1].all()


def test_what_is_marked_is_a_dotted_line_from_top_to_bottom() -> None:
    grey = of_ink(inside(chart(marked=0.3)), Ink.GREY)
    assert np.unique(np.nonzero(grey)[1]).tolist() == [0.3 * WIDTH - 1]
    assert 0.4 * HEIGHT < grey.sum() < 0.6 * HEIGHT


def test_every_tick_has_a_line_of_the_grid_and_a_name() -> None:
    image = pixels(chart())
    for place in (0.2, 0.4, 0.6, 0.8):
        assert of_ink(image[TOP + 10, round(LEFT + place * WIDTH)], Ink.FAINT)
        assert of_ink(image[round(TOP + place * HEIGHT), LEFT + 10], Ink.FAINT)
        below = image[TOP + HEIGHT + 10 : TOP + HEIGHT + 28, round(LEFT + place * WIDTH) - 10 :][:, :20]
        beside = image[round(TOP + place * HEIGHT) - 6 :][:12, LEFT - 30 : LEFT - 5]
        assert below.min() < 100
        assert beside.min() < 100


def dark(image: Array) -> Array:
    return np.asarray(image.max(axis=-1) < 100)


def test_a_chart_has_its_title_and_the_names_of_its_axes() -> None:
    bare = pixels(chart())
    named = chart(title="a title")
    named = replace(named, name="epoch", panels=[replace(named.panels[0], name="accuracy (%)")])
    rows, columns = np.nonzero(dark(pixels(named)) & ~dark(bare))
    above, below = rows < TOP, rows > TOP + HEIGHT
    beside = columns < LEFT - 40
    assert above.any()
    assert below.any()
    assert (beside & ~above & ~below).any()
    assert (above | below | beside).all()


def test_long_names_of_values_leave_room_for_that_of_the_axis() -> None:
    scale = replace(UP, names=[*UP.names[:-1], "0.123456789"])
    named = replace(chart(), panels=[Panel("training cost", scale, HEIGHT, [])])
    columns = dark(pixels(named))[TOP : TOP + HEIGHT].any(axis=0)
    assert columns[:27].any()  # the name of the axis
    assert not columns[27:31].any()
    assert columns[31:60].any()  # the long name


def test_what_has_a_label_is_in_the_legend() -> None:
    line = Line([0, 1], [0.5, 0.5], Ink.ORANGE)
    without, with_label = (pixels(chart(replace(line, label=label)))[:TOP] for label in ("", "validation"))
    assert not of_ink(without, Ink.ORANGE).any()
    assert of_ink(with_label, Ink.ORANGE).any()
    assert dark(with_label).sum() > dark(without).sum()


def test_ten_thousand_points_are_a_line_too() -> None:
    x = list(range(10_000))
    shown = Chart(
        "", "", around(x, 5), WIDTH, [Panel("", UP, HEIGHT, [Line(x, [0.5] * len(x), Ink.BLUE, dashed=True)])]
    )
    assert of_ink(inside(shown), Ink.BLUE).any()


def test_a_legend_that_is_too_long_goes_on_below_and_covers_nothing() -> None:
    lines = [Line([0, 1], [0.5, 0.5], Ink.ORANGE, f"layer {layer}") for layer in range(1, 9)]
    few, many = (pixels(chart(*lines[:count])) for count in (2, 8))
    assert len(many) == len(few) + ROW
    frame = TOP + ROW
    assert not of_ink(many[frame - 8 : frame - 1, LEFT + 1 :], Ink.ORANGE).any()
    assert of_ink(many[TOP : TOP + ROW - 8], Ink.ORANGE).any()


def test_two_lines_of_one_label_are_once_in_the_legend() -> None:
    line = Line([0, 1], [0.5, 0.5], Ink.ORANGE, "validation")
    once, twice = (pixels(chart(*[line] * count))[: TOP - 1] for count in (1, 2))
    assert (once == twice).all()


def at(picture: Array, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place of the panel, of which both scales go from 0 to 1."""
    return tuple(picture[round(TOP + (1 - y) * HEIGHT), round(LEFT + x * WIDTH)])


def test_a_band_lets_what_is_below_it_be_seen() -> None:
    picture = pixels(chart(Line([0, 1], [0.5, 0.5], Ink.BLUE), Band([0, 1], [0.3, 0.3], [0.7, 0.7], Ink.ORANGE)))
    white, band, line = (at(picture, 0.43, y) for y in (0.87, 0.65, 0.5))
    assert white == (255, 255, 255)
    assert white != band != line
    assert line[2] > line[0]  # blue


@pytest.mark.parametrize("shape", Shape)
def test_a_dot_of_each_shape_is_where_it_belongs(shape: Shape) -> None:
    plain, dotted = pixels(chart()), pixels(chart(Dots([0.43], [0.43], Ink.RED, [""], shape=shape, radius=6)))
    rows, columns = np.nonzero((plain != dotted).any(axis=2))
    assert np.mean(columns) == pytest.approx(LEFT + 0.43 * WIDTH, abs=1.5)
    assert np.mean(rows) == pytest.approx(TOP + 0.57 * HEIGHT, abs=2.5)


def test_no_dots_are_nothing() -> None:
    assert (pixels(chart(Dots([], [], Ink.RED, []))) == pixels(chart())).all()


def test_a_box_is_as_strong_as_it_says() -> None:
    sides = [(0.0, 0.5, 0.0, 1.0), (0.5, 1.0, 0.0, 1.0)]
    picture = pixels(chart(Boxes(sides, Ink.BLUE, [0.2, 0.8], ["", ""], ["", ""])))
    assert sum(at(picture, 0.23, 0.43)) > sum(at(picture, 0.73, 0.43))


def test_a_box_without_a_width_is_nothing() -> None:
    nothing = chart(Boxes([(0.0, 0.0, 0.2, 0.8)], Ink.BLUE, [1.0], [""], [""]))
    assert np.abs(pixels(nothing) - pixels(chart())).max() < 10  # the shades of a palette are a little coarser


def test_words_are_written_where_they_belong() -> None:
    plain, written = pixels(chart()), pixels(chart(Words(0.5, 0.5, "nnnn", "start")))
    _, columns = np.nonzero((plain != written).any(axis=2))
    assert LEFT + WIDTH / 2 <= columns.min() <= LEFT + WIDTH / 2 + 4
