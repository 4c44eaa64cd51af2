"""The marks of a chart as SVG elements, and the places that can be pointed at and reached by keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from nnexp.nn.arrays import Array
from nnexp.plots.chart import Band, Bars, Boxes, Chart, Dots, Ink, Line, Panel, Shape, Words

SIZE = 13  # pixels, of words
LETTER = 7.2  # pixels, of a letter on average
DOT = 3  # pixels, of a point's radius
CROWDED = 9  # pixels, on average: points that are closer have no dots
OF_THE_PAGE = {Ink.BLACK: "currentColor", Ink.FAINT: "currentColor", Ink.GREY: "#808080"}
OUTLINES = {
    Shape.CROSS: "M{0} {1}L{2} {3}M{0} {3}L{2} {1}",
    Shape.UP: "M{0} {3}H{2}L{4} {1}Z",
    Shape.DOWN: "M{0} {1}H{2}L{4} {3}Z",
}


@dataclass(frozen=True)
class Frame:
    """Where a panel is, in pixels."""

    chart: Chart
    panel: Panel
    left: float
    top: float

    @property
    def bottom(self) -> float:
        return self.top + self.panel.height

    @property
    def right(self) -> float:
        return self.left + self.chart.width

    def across(self, x: Sequence[float]) -> Array:
        return self.left + self.chart.width * self.chart.x.place(x)

    def up(self, y: Sequence[float]) -> Array:
        return self.bottom - self.panel.height * self.panel.y.place(y)

    def places(self, mark: Line | Dots) -> list[tuple[float, float]]:
        return list(zip(self.across(mark.x), self.up(mark.y), strict=True))


def drawn(frame: Frame) -> Iterator[str]:
    """What is there to be seen alone."""
    for mark in frame.panel.marks:
        match mark:
            case Line():
                if not mark.says:
                    yield stroke(_path(frame, mark), mark.ink, dashed=mark.dashed, opacity=mark.strength)
            case Band():
                yield _band(frame, mark)
            case Bars():
                yield from _bars(frame, mark)


def places(frame: Frame, points: bool) -> Iterator[str]:
    """What says what it is. points: whether it can be pointed at and reached."""
    for mark in frame.panel.marks:
        match mark:
            case Line():
                yield from _line(frame, mark, points)
            case Dots():
                says = mark.says if points else [""] * len(mark.says)
                strengths = mark.strengths or [1.0] * len(mark.x)
                for place, said, strength in zip(frame.places(mark), says, strengths, strict=True):
                    yield _reached(shape(mark.shape, mark.ink, place, mark.radius, strength), place, said, frame)
            case Boxes():
                yield from _boxes(frame, mark, points)


def written(frame: Frame) -> Iterator[str]:
    """Words over all of that."""
    for mark in frame.panel.marks:
        match mark:
            case Boxes():
                yield from _texts(frame, mark)
            case Words():
                (x,), (y,) = frame.across([mark.x]), frame.up([mark.y])
                yield text(x, y + mark.down + SIZE / 3, mark.text, mark.anchor, "over")


def shape(shape: Shape, ink: Ink, place: tuple[float, float], radius: float, strength: float = 1.0) -> str:
    """An element's beginning, to be closed: the shape at that place, in pixels."""
    (x, y), colour = place, colour_of(ink)
    faint = f' opacity="{strength:.2f}"' if strength < 1 else ""
    if shape in OUTLINES:
        sides = (x - radius, y - radius, x + radius, y + radius, x)
        path = OUTLINES[shape].format(*(f"{side:.1f}" for side in sides))
        ground = "none" if shape is Shape.CROSS else colour
        return f'<path d="{path}" fill="{ground}" stroke="{colour}" stroke-width="1.6"{faint}'
    ground = f'fill="none" stroke="{colour}" stroke-width="2.5"' if shape is Shape.RING else f'fill="{colour}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {ground}{faint}'


def stroke(path: str, ink: Ink, width: float = 2, opacity: float = 1.0, dashed: bool = False) -> str:
    """A line along the path."""
    more = f' stroke-dasharray="{"7 4" if width > 1 else "2 3"}"' if dashed else ""
    more += f' opacity="{opacity:.2f}"' if opacity < 1 else ""
    return (
        f'<path d="{path}" fill="none" stroke="{colour_of(ink)}" stroke-width="{width}" stroke-linejoin="round"{more}/>'
    )


def text(x: float, y: float, words: str, anchor: str = "middle", kind: str = "", turned: bool = False) -> str:
    """Words on that base line."""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    turn += f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor"{turn}>{escape(words)}</text>'


def colour_of(ink: Ink) -> str:
    """As CSS writes it."""
    return OF_THE_PAGE.get(ink, "#{:02x}{:02x}{:02x}".format(*ink.value))


def _line(frame: Frame, line: Line, points: bool) -> Iterator[str]:
    where = frame.places(line)
    if line.says:
        begins = stroke(_path(frame, line), line.ink, 1 + line.strength, line.strength).removesuffix("/>")
        yield _reached(begins, where[-1], line.says if points else "", frame)
    if not line.dots or not where or where[-1][0] - where[0][0] < CROWDED * (len(where) - 1):
        return
    name = frame.chart.name.partition(";")[0]  # what follows is about the axis
    for place, at, value in zip(where, line.x, line.y, strict=True):
        said = f"{name} {at:g}: {line.label or frame.panel.name} {value:.4g}" if points else ""
        yield _reached(shape(Shape.DOT, line.ink, place, DOT), place, said, frame)


def _boxes(frame: Frame, boxes: Boxes, points: bool) -> Iterator[str]:
    for sides, strength, said in zip(boxes.sides, boxes.strengths, boxes.says, strict=True):
        (left, right), (low, high) = frame.across(sides[:2]), frame.up(sides[2:])
        size = f'width="{right - left:.1f}" height="{low - high:.1f}"'
        ink = f'fill="{colour_of(boxes.ink)}" fill-opacity="{strength:.2f}"'
        begins = f'<rect x="{left:.1f}" y="{high:.1f}" {size} {ink}'
        yield _reached(begins, ((left + right) / 2, high), said if points else "", frame)


def _texts(frame: Frame, boxes: Boxes) -> Iterator[str]:
    for (left, right, low, high), words in zip(boxes.sides, boxes.texts, strict=True):
        (x,), (y,) = frame.across([(left + right) / 2]), frame.up([(low + high) / 2])
        yield text(x, y + SIZE / 3, words)


def _reached(begins: str, place: tuple[float, float], said: str, frame: Frame) -> str:
    """The element, which says what it is when it is pointed at, and beside itself when it is reached."""
    if not said:
        return f"{begins}/>"
    name, tag = escape(said), begins[1:].partition(" ")[0]
    x, width = place[0], LETTER * len(said)
    left = max(0.0, min(x - width / 2, frame.right - width))
    hidden = '<text visibility="hidden" aria-hidden="true"'
    beside = text(left, max(place[1] - 9, SIZE), said, "start", "said").replace("<text", hidden)
    return f'{begins} tabindex="0" role="img" aria-label="{name}"><title>{name}</title></{tag}>{beside}'


def _path(frame: Frame, line: Line) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in frame.places(line))


def _band(frame: Frame, band: Band) -> str:
    across, edges = frame.across(band.x), (frame.up(band.high), frame.up(band.low)[::-1])
    x = [*across, *across[::-1]]
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, [*edges[0], *edges[1]], strict=True))
    return f'<path d="M{path}Z" fill="{colour_of(band.ink)}" fill-opacity="{band.strength}"/>'


def _bars(frame: Frame, bars: Bars) -> Iterator[str]:
    edges, tops = frame.across(bars.edges), frame.up([max(frame.panel.y.low, each) for each in bars.heights])
    for left, right, top in zip(edges[:-1], edges[1:], tops, strict=True):
        size = f'width="{right - left - 2:.1f}" height="{frame.bottom - top:.1f}"'
        ink = f'fill="{colour_of(bars.ink)}" fill-opacity="{bars.strength}"'
        yield f'<rect x="{left + 1:.1f}" y="{top:.1f}" {size} {ink}/>'
