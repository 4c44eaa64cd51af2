"""Where words go in a chart."""

from __future__ import annotations

from itertools import pairwise

from nnexp.plots.chart import Chart, Ink, Line, Panel
from nnexp.plots.layout import legend, named
from nnexp.plots.scales import between

ENDS = (0.0, 400.0)


def width(text: str) -> float:
    return 7.0 * len(text)


def rows(*labels: str) -> list[list[str]]:
    """The labels of the legend's rows."""
    scale = between(0, 1, most=5)
    lines = [Line([0, 1], [0, 1], Ink.BLUE, label) for label in labels]
    chart = Chart("", "", scale, 300, [Panel("", scale, 100, lines)])
    return [[label for _, label in row] for row in legend(chart, width)]


def test_labels_stand_beside_each_other_as_far_as_there_is_room() -> None:
    assert rows("one", "two", "a rather long one of some length") == [
        ["one", "two"],
        ["a rather long one of some length"],
    ]


def test_what_is_faint_is_last_in_the_legend() -> None:
    scale = between(0, 1, most=5)
    lines = [
        Line([0, 1], [0, 1], Ink.BLUE, name, strength=strength) for name, strength in (("9 more", 0.4), ("a", 1.0))
    ]
    chart = Chart("", "", scale, 300, [Panel("", scale, 100, lines)])
    assert [label for row in legend(chart, width) for _, label in row] == ["a", "9 more"]


def test_a_label_that_is_too_long_goes_on_in_the_next_row() -> None:
    found = rows(" ".join(["word"] * 20), "next")
    assert [len(row) for row in found] == [1] * len(found)
    assert " ".join(label for row in found for label in row) == " ".join(["word"] * 20) + " next"


def test_names_that_fit_are_in_one_row() -> None:
    assert named([50, 150], ["a", "b"], ENDS, width) == [(50, 0, "a"), (150, 0, "b")]


def test_names_that_would_touch_are_in_rows() -> None:
    assert [row for _, row, _ in named([50, 100, 150], ["cross_entropy"] * 3, ENDS, width)] == [0, 1, 0]


def test_of_more_names_than_three_rows_hold_some_are_left_out_of_one_row() -> None:
    found = named([5.0 * place for place in range(80)], ["100"] * 80, ENDS, width)
    assert {row for _, row, _ in found} == {0}
    assert all(right - left >= width("100") for (left, _, _), (right, _, _) in pairwise(found))


def test_a_name_at_the_edge_is_moved_inside() -> None:
    assert named([0], ["cross_entropy"], ENDS, width) == [(width("cross_entropy") / 2, 0, "cross_entropy")]
