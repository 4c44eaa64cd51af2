"""What a chart shows, apart from how it is drawn: panels of marks below each other, over one x axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from nnexp.plots.scales import Scale


class Ink(Enum):
    """A colour (red, green, blue); what is drawn in one covers what is drawn in those before it."""

    FAINT = (225, 225, 225)
    BLUE = (31, 119, 180)
    ORANGE = (255, 127, 14)
    GREEN = (44, 160, 44)
    RED = (214, 39, 40)
    PURPLE = (148, 103, 189)
    GREY = (127, 127, 127)
    BLACK = (0, 0, 0)


INKS = (Ink.BLUE, Ink.ORANGE, Ink.GREEN, Ink.RED, Ink.PURPLE)  # of one thing after the other


class Shape(Enum):
    """What marks a place. UP and DOWN are triangles that point there."""

    DOT = "dot"
    RING = "ring"
    CROSS = "cross"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Line:
    """A curve through points, from left to right.

    label: in the legend. dots: radius of a point's, in pixels. strength: of the ink, 0 to 1. says: what the whole line
    is, for whoever points at it.
    """

    x: Sequence[float]
    y: Sequence[float]
    ink: Ink
    label: str = ""
    dashed: bool = False
    dots: float = 0
    strength: float = 1.0
    says: str = ""


@dataclass(frozen=True)
class Band:
    """The area between two curves, in a fifth of the ink's strength."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    ink: Ink
    strength: float = 0.2


@dataclass(frozen=True)
class Dots:
    """Places without a line between them. says: what each is, for whoever points at it. radius: in pixels.

    strengths: of each one's ink, 0 to 1; without any it is 1.
    """

    x: Sequence[float]
    y: Sequence[float]
    ink: Ink
    says: Sequence[str]
    label: str = ""
    shape: Shape = Shape.DOT
    radius: float = 3.5
    strengths: Sequence[float] = ()


@dataclass(frozen=True)
class Boxes:
    """Rectangles. sides: left, right, bottom and top of each. texts: in the middle of each; says: what each is.

    strengths: of each one's ink, 0 to 1.
    """

    sides: Sequence[tuple[float, float, float, float]]
    ink: Ink
    strengths: Sequence[float]
    texts: Sequence[str]
    says: Sequence[str]


@dataclass(frozen=True)
class Bars:
    """Bars beside each other, from the bottom to their heights. edges: where they begin and end, one more than they.

    strength: of the ink, 0 to 1.
    """

    edges: Sequence[float]
    heights: Sequence[float]
    ink: Ink
    strength: float = 1.0


@dataclass(frozen=True)
class Words:
    """A text at a place. anchor: whether the place is its start, its middle or its end. down: pixels below it."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    down: int = 0


Mark = Line | Band | Dots | Boxes | Bars | Words


@dataclass(frozen=True)
class Panel:
    """Marks over one y axis. name: of the axis. height: in pixels. marked: an x, by a dotted line.

    framed: whether there is a frame, and a grid.
    """

    name: str
    y: Scale
    height: int
    marks: Sequence[Mark]
    marked: float | None = None
    framed: bool = True

    @property
    def lines(self) -> list[Line]:
        return [mark for mark in self.marks if isinstance(mark, Line)]

    @property
    def bars(self) -> list[Bars]:
        return [mark for mark in self.marks if isinstance(mark, Bars)]

    @property
    def labelled(self) -> list[Line | Dots]:
        """What is in the legend."""
        return [mark for mark in self.marks if isinstance(mark, Line | Dots) and mark.label]


@dataclass(frozen=True)
class Chart:
    """Panels with a title. name: of the x axis, which they share. width: of its axis, in pixels.

    words: what there is to see, for whoever does not; without them it is said where the curves go.
    """

    title: str
    name: str
    x: Scale
    width: int
    panels: Sequence[Panel]
    words: str = ""
