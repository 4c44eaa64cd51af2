"""What a part is: its settings and their rules, and how it is found by its kind."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from nnexp.component import (
    Component,
    Rule,
    Setting,
    declared,
    filled,
    groups_of,
    number,
    one_of,
    or_none,
    problems_of,
    setting,
    whole,
)
from nnexp.errors import UsageError
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.quadratic import Quadratic


@dataclass
class Shape(Component):
    """A group of parts in one file."""

    group = "shape"


@dataclass
class Circle(Shape):
    """Round. And of a size."""

    kind: str = "circle"
    radius: float = setting(1.0, help="from its centre", rule=number(above=0))
    colours: list[str] = setting(["red"], help="of its rings", counts=False)


@dataclass
class Square(Shape):
    kind: str = "square"


@pytest.fixture
def twin() -> Iterator[None]:
    """Another part that is called circle."""

    class Twin(Shape):
        kind = "circle"

    yield
    del Twin
    gc.collect()  # a class holds itself in a circle, and its base knows it as long as it is there


@pytest.mark.parametrize(
    ("rule", "right", "wrong", "expected"),
    [
        (one_of(["a", "b"]), ["a", "b"], ["c", "", None, 3], "a or b"),
        (whole(2), [2, 10**12], [1, 2.0, "2", True, None], "a whole number >= 2"),
        (whole(1, 1024), [1, 1024], [0, 1025], "a whole number from 1 to 1,024"),
        (number(above=0), [1e-9, 7], [0, -1, float("nan"), float("inf"), "1", None], "a number > 0"),
        (number(above=0, below=1), [0.5], [0, 1], "a number > 0 and < 1"),
        (number(least=0), [0, 1.5], [-0.1, float("nan"), float("inf")], "a number >= 0"),
        (filled("a file"), ["x"], ["", " "], "a file"),
        (or_none(whole(1)), [None, 1], [0], "a whole number >= 1"),
        (Rule(lambda: "a" + "b", "ab".__eq__), ["ab"], ["a"], "ab"),
    ],
)
def test_a_rule_allows_what_it_says(rule: Rule, right: list[Any], wrong: list[Any], expected: str) -> None:
    assert [rule.problems("x", value) for value in right] == [[]] * len(right)
    assert [rule.problems("x", value) for value in wrong] == [
        [f"x: got {each!r}, expected {expected}"] for each in wrong
    ]


def test_a_setting_is_declared_at_its_field() -> None:
    assert list(declared(Circle)) == ["radius", "colours"]
    assert declared(Circle)["colours"] == Setting("of its rings", counts=False)


def test_a_list_is_each_parts_own() -> None:
    Circle().colours.append("blue")
    assert Circle().colours == ["red"]


def test_problems_are_named_by_their_group() -> None:
    assert Circle(radius=-1.0).problems() == ["shape.radius: got -1.0, expected a number > 0"]
    assert problems_of(Circle(radius=-1.0)) == ["radius: got -1.0, expected a number > 0"]
    assert Circle().problems() == []


def test_a_group_finds_its_parts_by_kind() -> None:
    assert Shape.kinds() == {"circle": Circle, "square": Square}
    assert Shape.named("circle", radius=2.0) == Circle(radius=2.0)


def test_a_part_in_a_file_beside_the_base_of_its_group_is_found_because_it_is_there() -> None:
    assert Cost.kinds()["quadratic"] is Quadratic


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("cone", {}, "shape: got 'cone', expected one of circle, square"),
        ("circle", {"width": 1}, r"shape.width: circle has no such setting, expected \['radius', 'colours'\]"),
        ("square", {"width": 1}, "shape.width: square has no such setting, expected none"),
        ("circle", {"radius": "1"}, "shape.radius: got '1', expected a number > 0"),
    ],
)
def test_what_a_group_does_not_have_is_named(kind: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Shape.named(kind, **settings)


@pytest.mark.usefixtures("twin")
def test_two_parts_of_one_kind_are_refused_by_the_names_of_both() -> None:
    with pytest.raises(UsageError, match=r"shape: .*\.Circle and .*\.Twin are both called 'circle'"):
        Shape.kinds()


def test_help_is_the_first_sentence_that_somebody_has_written() -> None:
    assert Circle.help() == "Round"
    assert Square.help() == ""


def test_the_groups_of_a_dataclass_are_its_fields_that_are_parts() -> None:
    assert groups_of(Drawing) == {"shape": Shape}


@dataclass
class Drawing:
    shape: Shape
    name: str = ""
