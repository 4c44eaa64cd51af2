"""What a chart shows, apart from how it is drawn: panels of curves and bars below each other, over one x axis."""

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


@dataclass(frozen=True)
class Line:
    """A curve through points, from left to right. label: in the legend. dots: radius of a point's, in pixels."""

    x: Sequence[float]
    y: Sequence[float]
    ink: Ink
    label: str = ""
    dashed: bool = False
    dots: float = 0


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
class Panel:
    """Curves and bars over one y axis. name: of the axis. height: in pixels. marked: an x, by a dotted line."""

    name: str
    y: Scale
    height: int
    marks: Sequence[Line | Bars]
    marked: float | None = None

    @property
    def lines(self) -> list[Line]:
        return [mark for mark in self.marks if isinstance(mark, Line)]

    @property
    def bars(self) -> list[Bars]:
        return [mark for mark in self.marks if isinstance(mark, Bars)]


@dataclass(frozen=True)
class Chart:
    """Panels with a title. name: of the x axis, which they share. width: of its axis, in pixels."""

    title: str
    name: str
    x: Scale
    width: int
    panels: Sequence[Panel]
