"""Charts as SVG elements: what is in them, and what is said of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest

from nnexp.plots.chart import Bars, Boxes, Chart, Dots, Ink, Line, Mark, Panel, Shape, Words
from nnexp.plots.scales import between, columns
from nnexp.plots.svg_drawing import BOTTOM, GAP, LEFT, RIGHT, TOP, svg

WIDTH, HEIGHT = 400, 100
SVG = "{http://www.w3.org/2000/svg}"
UP = Line([0, 1], [0, 1], Ink.BLUE, "up & on", dots=2)


def chart(*marks: Mark, panels: int = 1, marked: float | None = None) -> Chart:
    panel = Panel("share", between(0, 1, most=5), HEIGHT, marks, marked)
    return Chart("a < b", "epoch", between(0, 1, most=5), WIDTH, [panel] * panels)


def element(*marks: Mark, points: bool = True, panels: int = 1, marked: float | None = None) -> ET.Element:
    return ET.fromstring(svg(chart(*marks, panels=panels, marked=marked), points))  # noqa: S314  # it is our own


def drawn(found: ET.Element, stroke: str) -> list[str]:
    return [path.attrib["d"] for path in found.iter(f"{SVG}path") if path.attrib["stroke"] == stroke]


def colour(ink: Ink) -> str:
    return "#{:02x}{:02x}{:02x}".format(*ink.value)


def words(found: ET.Element) -> Sequence[str | None]:
    return [text.text for text in found.iter(f"{SVG}text")]


def test_its_name_is_the_title() -> None:
    assert element(UP).findtext(f"{SVG}title") == "a < b"


@pytest.mark.parametrize(("points", "role"), [(True, "group"), (False, "img")])
def test_it_is_an_image_unless_there_is_something_in_it_to_reach(points: bool, role: str) -> None:
    assert element(UP, points=points).attrib["role"] == role


def test_what_is_only_drawn_is_hidden_from_who_can_not_see() -> None:
    groups = element(UP, Words(0.5, 0.5, "over")).findall(f"{SVG}g")
    assert {group.attrib["aria-hidden"] for group in groups} == {"true"}
    assert {"up & on", "0.2", "over"} <= {text.text for group in groups for text in group.iter(f"{SVG}text")}


def test_its_description_says_where_each_curve_goes() -> None:
    assert element(UP).findtext(f"{SVG}desc") == "share: up & on from 0 at 0 to 1 at 1"


def test_panels_stand_below_each_other() -> None:
    heights = [float(element(UP, panels=number).attrib["viewBox"].split()[3]) for number in (1, 2)]
    assert heights == [TOP + HEIGHT + BOTTOM, TOP + HEIGHT + GAP + HEIGHT + BOTTOM]


def test_a_line_goes_where_its_points_are() -> None:
    curves = drawn(element(UP), colour(Ink.BLUE))
    assert f"M{LEFT:.1f} {TOP + HEIGHT:.1f}L{LEFT + WIDTH:.1f} {TOP:.1f}" in curves


def test_a_legend_has_each_label_once() -> None:
    assert words(element(UP, panels=2)).count("up & on") == 1


def test_axes_have_their_names_and_those_of_their_ticks() -> None:
    assert {"epoch", "share", "0.2", "1.0"} <= set(words(element(UP)))


def test_each_point_can_be_reached_and_says_what_it_is() -> None:
    circles = list(element(UP).iter(f"{SVG}circle"))
    assert [circle.attrib["aria-label"] for circle in circles] == ["epoch 0: up & on 0", "epoch 1: up & on 1"]
    assert {circle.attrib["tabindex"] for circle in circles} == {"0"}


def test_points_are_left_alone_if_so_asked() -> None:
    assert not any("tabindex" in circle.attrib for circle in element(UP, points=False).iter(f"{SVG}circle"))


def test_crowded_points_are_not_drawn() -> None:
    many = Line([number / 99 for number in range(100)], [0.5] * 100, Ink.BLUE, dots=2)
    assert list(element(many).iter(f"{SVG}circle")) == []


def test_bars_stand_on_the_axis() -> None:
    (bar,) = element(Bars([0, 1], [0.25], Ink.GREEN)).iter(f"{SVG}rect")
    assert (float(bar.attrib["y"]), float(bar.attrib["height"])) == (TOP + 75, 25)


def test_black_is_the_colour_of_the_page() -> None:
    assert "#000000" not in svg(chart(UP, Line([0, 1], [1, 0], Ink.BLACK)))


@pytest.mark.parametrize("marked", [None, 0.5])
def test_a_marked_place_has_a_line(marked: float | None) -> None:
    assert len(drawn(element(UP, marked=marked), "#808080")) == (marked is not None)


def test_it_is_as_wide_as_it_says() -> None:
    assert float(element(UP).attrib["viewBox"].split()[2]) == LEFT + WIDTH + RIGHT


def said(found: ET.Element) -> list[str]:
    """What those that can be reached say, in their order."""
    return [each.attrib["aria-label"] for each in found.iter() if "tabindex" in each.attrib]


def test_dots_lines_and_boxes_say_what_they_are() -> None:
    marks = [
        Boxes([(0, 0.5, 0, 0.5)], Ink.BLUE, [0.3], ["12"], ["a box"]),
        Dots([0.5], [0.5], Ink.RED, ["a cross"], shape=Shape.CROSS),
        Line([0, 1], [0, 1], Ink.BLUE, says="a line"),
    ]
    assert said(element(*marks)) == ["a box", "a cross", "a line"]
    assert said(element(*marks, points=False)) == []


def test_what_is_reached_is_written_beside_it_when_it_is() -> None:
    (words,) = [text for text in element(Dots([1], [1], Ink.RED, ["1 < 2"])).iter(f"{SVG}text") if text.text == "1 < 2"]
    assert (words.attrib["class"], words.attrib["visibility"]) == ("said", "hidden")
    assert LEFT + WIDTH - 60 < float(words.attrib["x"]) < LEFT + WIDTH - 20  # all of it is inside


def test_a_box_is_where_its_sides_are() -> None:
    (box,) = element(Boxes([(0.25, 0.75, 0.2, 0.7)], Ink.BLUE, [0.5], [""], ["a"])).iter(f"{SVG}rect")
    sides = [float(box.attrib[name]) for name in ("x", "y", "width", "height")]
    assert sides == pytest.approx([LEFT + 100, TOP + 30, 200, 50], abs=0.1)


def test_long_names_of_an_axis_have_room_on_their_left() -> None:
    names = columns(["a rather long name", "b"])
    found = ET.fromstring(svg(Chart("", "", names, WIDTH, [Panel("", names, HEIGHT, [])])))  # noqa: S314
    (name, *_) = [text for text in found.iter(f"{SVG}text") if text.attrib["text-anchor"] == "end"]
    assert float(name.attrib["x"]) > 7 * len("a rather long name")
