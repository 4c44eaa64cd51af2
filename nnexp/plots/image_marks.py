"""The marks of a chart in an image: how much ink is where.

Words and straight edges are drawn as they are, curves four times as large and then made smaller, so that they are
smooth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.plots.chart import Band, Bars, Boxes, Dots, Ink, Line, Mark, Shape, Words
from nnexp.plots.montage import write
from nnexp.plots.scales import Scale

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

TIMES = 4
STROKE = 2.0  # pixels
DASH, SPACE = 7.0, 3.5  # pixels
CROWDED = 5  # pixels, on average: points that are closer have no dots
ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}  # in Pillow's letters

Layers = dict[Ink, "Image"]


@dataclass(frozen=True)
class Box:
    """Where a panel is in the image, in pixels, and its scales."""

    left: int
    top: int
    width: int
    height: int
    x: Scale
    y: Scale

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def right(self) -> int:
        return self.left + self.width

    def points(self, x: Sequence[float], y: Sequence[float]) -> Array:
        """Where points are, `(n, 2)`."""
        across, up = self.x.place(x), self.y.place(y)
        return np.stack([self.left + self.width * across, self.bottom - self.height * up], axis=1)

    def columns(self, x: Sequence[float]) -> list[int]:
        return [round(self.left + self.width * place) for place in self.x.place(x)]

    def rows(self, y: Sequence[float]) -> list[int]:
        return [round(self.bottom - self.height * place) for place in self.y.place(y)]


def draw(layers: Layers, mark: Mark, box: Box) -> None:
    """Draw the mark where it belongs."""
    match mark:
        case Line():
            draw_curve(layers[mark.ink], mark, box.points(mark.x, mark.y))
        case Dots():
            draw_dots(layers[mark.ink], mark, box.points(mark.x, mark.y))
        case Band():
            _draw_band(layers[mark.ink], mark, box)
        case Bars():
            _draw_bars(layers[mark.ink], mark, box)
        case Boxes():
            _draw_boxes(layers, mark, box)
        case Words():
            (x,), (y,) = box.columns([mark.x]), box.rows([mark.y])
            write(layers[Ink.BLACK], (x, y + mark.down), mark.text, anchor=ANCHORS[mark.anchor], ink=255)


def draw_curve(layer: Image, line: Line, points: Array) -> None:
    """The line through points `(n, 2)` of the layer, in pixels."""

    def large(pen: ImageDraw, places: Array) -> None:
        ink, stroke = round(255 * line.strength), round(TIMES * STROKE)
        if line.dashed:
            for dash in _dashes(places):
                pen.line(dash, ink, stroke)
        else:
            pen.line(places.ravel().tolist(), ink, stroke, joint="curve")
        if np.ptp(points[:, 0]) >= CROWDED * (len(points) - 1):
            for x, y in places.tolist():
                pen.circle((x, y), TIMES * line.dots, ink)

    _smoothly(layer, points, line.dots, large)


def draw_dots(layer: Image, dots: Dots, points: Array) -> None:
    """The dots at points `(n, 2)` of the layer, in pixels."""
    if not len(points):
        return

    def large(pen: ImageDraw, places: Array) -> None:
        for (x, y), strength in zip(places.tolist(), dots.strengths or [1.0] * len(points), strict=True):
            _draw_shape(pen, dots.shape, (x, y), TIMES * dots.radius, round(255 * strength))

    _smoothly(layer, points, dots.radius, large)


def _smoothly(layer: Image, points: Array, radius: float, large: Callable[[ImageDraw, Array], None]) -> None:
    """What `large` draws at places `(n, 2)` that are four times as far apart, made smaller."""
    from PIL import Image, ImageChops, ImageDraw

    edge = np.ceil(radius + STROKE)
    low, high = np.floor(points.min(axis=0) - edge), np.ceil(points.max(axis=0) + edge)
    box = (*low.astype(int).tolist(), *high.astype(int).tolist())
    drawn = Image.new("L", tuple((TIMES * (high - low)).astype(int).tolist()))
    large(ImageDraw.Draw(drawn), TIMES * (points - low))
    layer.paste(ImageChops.lighter(layer.crop(box), drawn.reduce(TIMES)), box)


def _draw_shape(pen: ImageDraw, shape: Shape, place: tuple[float, float], radius: float, ink: int) -> None:
    x, y = place
    left, top, right, bottom = x - radius, y - radius, x + radius, y + radius
    match shape:
        case Shape.DOT:
            pen.circle(place, radius, ink)
        case Shape.RING:
            pen.circle(place, radius, outline=ink, width=round(TIMES * STROKE))
        case Shape.CROSS:
            for line in ((left, top, right, bottom), (left, bottom, right, top)):
                pen.line(line, ink, round(0.8 * TIMES * STROKE))
        case Shape.UP:
            pen.polygon([(left, bottom), (right, bottom), (x, top)], ink)
        case Shape.DOWN:
            pen.polygon([(left, top), (right, top), (x, bottom)], ink)


def _draw_band(layer: Image, band: Band, box: Box) -> None:
    from PIL import ImageDraw

    edge = np.concatenate([box.points(band.x, band.high), box.points(band.x, band.low)[::-1]])
    if len(band.x) > 1:
        ImageDraw.Draw(layer).polygon([*map(tuple, edge.tolist())], round(255 * band.strength))


def _draw_bars(layer: Image, bars: Bars, box: Box) -> None:
    from PIL import ImageDraw

    edges, pen = box.columns(bars.edges), ImageDraw.Draw(layer)
    for left, right, height in zip(edges[:-1], edges[1:], bars.heights, strict=True):
        if height > box.y.low:
            (top,) = box.rows([height])
            pen.rectangle((left + 1, top, right - 1, box.bottom), round(255 * bars.strength))


def _draw_boxes(layers: Layers, boxes: Boxes, box: Box) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(layers[boxes.ink])
    for sides, strength, text in zip(boxes.sides, boxes.strengths, boxes.texts, strict=True):
        (left, right), (bottom, top) = box.columns(sides[:2]), box.rows(sides[2:])
        if left < right and top < bottom:
            pen.rectangle((left, top, right - 1, bottom - 1), round(255 * strength))
        if text:
            write(layers[Ink.BLACK], ((left + right) / 2, (top + bottom) / 2), text, ink=255)


def _dashes(places: Array) -> list[list[float]]:
    """The parts of a dashed line through places `(n, 2)`, each as x and y of both ends."""
    along = np.append(0, np.hypot(*np.diff(places, axis=0).T).cumsum())
    dash, period = TIMES * DASH, TIMES * (DASH + SPACE)
    begins = np.arange(0, along[-1], period)
    cuts = np.unique(np.concatenate([along, begins, np.minimum(begins + dash, along[-1])]))
    x, y = (np.interp(cuts, along, places[:, axis]) for axis in (0, 1))
    on = (cuts[:-1] + cuts[1:]) / 2 % period < dash
    parts: list[list[float]] = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)[on].tolist()
    return parts
