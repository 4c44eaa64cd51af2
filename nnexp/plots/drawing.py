"""A chart as an image, drawn with Pillow: as a figure of matplotlib's it would take twenty times as long.

Each ink has a layer that says how much of it is where, 0 to 255. Words and straight edges are drawn as they are, curves
four times as large and then made smaller, so that they are smooth. The image's palette has shades of the few inks: it
is packed in an eighth of the time that red, green and blue would take.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.plots.chart import Bars, Chart, Ink, Line, Panel
from nnexp.plots.montage import LARGE, SMALL, font, write
from nnexp.plots.scales import Scale

if TYPE_CHECKING:
    from PIL.Image import Image

LEFT, RIGHT, TOP, BOTTOM, GAP = 85, 20, 64, 60, 36  # pixels: around panels, and between them
NAMED = 32  # pixels, for the name of a y axis
TICK = 4  # pixels
TIMES = 4
STROKE = 2.0  # pixels
DASH, SPACE = 7.0, 3.5  # pixels
SWATCH = 30  # pixels of a curve in the legend
CROWDED = 5  # pixels, on average: points that are closer have no dots
SHADES = 255 // len(Ink)  # of an ink: those of all, and paper, are a palette
ROW, BETWEEN = 22, 24  # pixels: from one row of the legend to the next, and between the lines in one

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


def drawn(chart: Chart) -> Image:
    """The image of a chart."""
    from PIL import Image

    height = sum(panel.height + GAP for panel in chart.panels) - GAP
    left, legend = _left(chart), _legend(chart)
    top = TOP + ROW * max(0, len(legend) - 1)
    size = left + chart.width + RIGHT, top + height + BOTTOM
    used = {Ink.FAINT, Ink.GREY, Ink.BLACK} | {mark.ink for panel in chart.panels for mark in panel.marks}
    layers = {ink: Image.new("L", size) for ink in Ink if ink in used}
    for panel in chart.panels:
        box = Box(left, top, chart.width, panel.height, chart.x, panel.y)
        _draw_panel(layers, panel, box)
        top = box.bottom + GAP
    for x, name in zip(box.columns(chart.x.ticks), chart.x.names, strict=True):
        write(layers[Ink.BLACK], (x, box.bottom + 18), name, ink=255)
    middle = box.left + box.width / 2
    write(layers[Ink.BLACK], (middle, box.bottom + 44), chart.name, ink=255)
    write(layers[Ink.BLACK], (middle, 20), chart.title, LARGE, ink=255)
    for row, lines in enumerate(legend):
        _draw_legend(layers, middle, TOP - 20 + ROW * row, lines)
    return _printed(layers)


def _left(chart: Chart) -> int:
    """Where panels begin: the names of their y axes' values need room beside the axis' own."""
    widest = max((font(SMALL).getlength(name) for panel in chart.panels for name in panel.y.names), default=0)
    return max(LEFT, NAMED + math.ceil(widest) + TICK + 4)


def _draw_panel(layers: Layers, panel: Panel, box: Box) -> None:
    for mark in panel.marks:
        if isinstance(mark, Bars):
            _draw_bars(layers[mark.ink], mark, box)
        else:
            _draw_curve(layers[mark.ink], mark, box.points(mark.x, mark.y))
    if panel.marked is not None:
        (x,) = box.columns([panel.marked])
        _draw_dotted(layers[Ink.GREY], x, box)
    _draw_axes(layers, box)
    _write_upwards(layers[Ink.BLACK], (18, box.top + box.height // 2), panel.name)


def _draw_axes(layers: Layers, box: Box) -> None:
    """The frame, a grid, ticks, and the names of those of the y axis."""
    from PIL import ImageDraw

    grid, frame = ImageDraw.Draw(layers[Ink.FAINT]), ImageDraw.Draw(layers[Ink.BLACK])
    for x in box.columns(box.x.ticks):
        grid.line((x, box.top, x, box.bottom), 255)
        frame.line((x, box.bottom, x, box.bottom + TICK), 255)
    for y, name in zip(box.rows(box.y.ticks), box.y.names, strict=True):
        grid.line((box.left, y, box.right, y), 255)
        frame.line((box.left - TICK, y, box.left, y), 255)
        write(layers[Ink.BLACK], (box.left - TICK - 4, y), name, anchor="rm", ink=255)
    frame.rectangle((box.left, box.top, box.right, box.bottom), outline=200)


def _draw_bars(layer: Image, bars: Bars, box: Box) -> None:
    from PIL import ImageDraw

    edges, draw = box.columns(bars.edges), ImageDraw.Draw(layer)
    for left, right, height in zip(edges[:-1], edges[1:], bars.heights, strict=True):
        if height > box.y.low:
            (top,) = box.rows([height])
            draw.rectangle((left + 1, top, right - 1, box.bottom), round(255 * bars.strength))


def _draw_dotted(layer: Image, x: int, box: Box) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(layer)
    for y in range(box.top, box.bottom, 4):
        draw.line((x, y, x, y + 1), 255)


def _legend(chart: Chart) -> list[list[Line]]:
    """The rows of the legend: what has a label, once, as many beside each other as there is room for."""
    rows: list[list[Line]] = []
    room = 0.0
    for line in {line.label: line for panel in chart.panels for line in panel.lines if line.label}.values():
        if (width := _width(line) + BETWEEN) > room:
            rows.append([])
            room = chart.width + BETWEEN
        rows[-1].append(line)
        room -= width
    return rows


def _width(line: Line) -> float:
    """Of a line in the legend, in pixels."""
    return SWATCH + 8 + font(SMALL).getlength(line.label)


def _draw_legend(layers: Layers, middle: float, y: int, lines: Sequence[Line]) -> None:
    """What each line is, in a row around the middle."""
    x = middle - (sum(map(_width, lines)) + BETWEEN * (len(lines) - 1)) / 2
    for line in lines:
        _draw_curve(layers[line.ink], line, np.array([[x, y], [x + SWATCH / 2, y], [x + SWATCH, y]]))
        write(layers[Ink.BLACK], (x + SWATCH + 8, y), line.label, anchor="lm", ink=255)
        x += _width(line) + BETWEEN


def _draw_curve(layer: Image, line: Line, points: Array) -> None:
    """The line through points `(n, 2)` of the layer, in pixels."""
    from PIL import Image, ImageChops, ImageDraw

    edge = np.ceil(line.dots + STROKE)
    low, high = np.floor(points.min(axis=0) - edge), np.ceil(points.max(axis=0) + edge)
    box = (*low.astype(int).tolist(), *high.astype(int).tolist())
    large = Image.new("L", tuple((TIMES * (high - low)).astype(int).tolist()))
    places, draw, stroke = TIMES * (points - low), ImageDraw.Draw(large), round(TIMES * STROKE)
    if line.dashed:
        for dash in _dashes(places):
            draw.line(dash, 255, stroke)
    else:
        draw.line(places.ravel().tolist(), 255, stroke, joint="curve")
    if np.ptp(points[:, 0]) >= CROWDED * (len(points) - 1):
        for x, y in places.tolist():
            draw.circle((x, y), TIMES * line.dots, 255)
    layer.paste(ImageChops.lighter(layer.crop(box), large.reduce(TIMES)), box)


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


def _write_upwards(layer: Image, middle: tuple[int, int], text: str) -> None:
    from PIL import Image

    width, height = int(font(SMALL).getlength(text)) + 4, SMALL + 8
    words = Image.new("L", (width, height))
    write(words, (width / 2, height / 2), text, ink=255)
    layer.paste(words.transpose(Image.Transpose.ROTATE_90), (middle[0] - height // 2, middle[1] - width // 2))


def _printed(layers: Layers) -> Image:
    """All layers, one over the other."""
    from PIL import Image, ImageChops

    image = Image.new("L", layers[Ink.BLACK].size)
    numbers = {ink: number for number, ink in enumerate(Ink)}
    for ink, layer in layers.items():
        image = ImageChops.lighter(image, layer.point(_shades(numbers[ink])))
    image.putpalette(_palette())
    return image


@cache
def _shades(ink: int) -> list[int]:
    """The palette's number for each amount, 0 to 255, of the ink of that number."""
    shades = (round(amount / 255 * SHADES) for amount in range(256))
    return [shade and ink * SHADES + shade for shade in shades]


@cache
def _palette() -> bytes:
    """White, and the shades of each ink from nearly white on."""
    shares = np.arange(1, SHADES + 1)[:, np.newaxis] / SHADES
    colours = [255 + shares * (np.array(ink.value) - 255) for ink in Ink]
    return bytes(np.rint(np.concatenate([np.full((1, 3), 255), *colours])).astype(np.uint8))
