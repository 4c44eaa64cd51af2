"""A chart as an image, drawn with Pillow: as a figure of matplotlib's it would take twenty times as long.

Each ink has a layer that says how much of it is where, 0 to 255. The image's palette has shades of the few inks: it is
packed in an eighth of the time that red, green and blue would take. Where inks lie over each other and both are to be
seen, it has red, green and blue.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from nnexp.plots import layout
from nnexp.plots.chart import Band, Boxes, Chart, Dots, Ink, Line, Panel
from nnexp.plots.image_marks import Box, Layers, draw, draw_curve, draw_dots
from nnexp.plots.montage import LARGE, SMALL, font, write

if TYPE_CHECKING:
    from PIL.Image import Image

LEFT, RIGHT, TOP, BOTTOM, GAP = 85, 20, 64, 60, 36  # pixels: around panels, and between them
NAMED = 32  # pixels, for the name of a y axis
TICK = 4  # pixels
WIDE = 595  # pixels, of a file's x axis
SHADES = 255 // len(Ink)  # of an ink: those of all, and paper, are a palette
ROW = 22  # pixels: from one row of words to the next


def png(chart: Chart) -> bytes:
    """The image of a chart as a file, where there is room for its title."""
    data = BytesIO()
    drawn(replace(chart, width=max(chart.width, WIDE))).save(data, "png")
    return data.getvalue()


def drawn(chart: Chart) -> Image:
    """The image of a chart."""
    from PIL import Image

    left, legend = _left(chart), layout.legend(chart, _width)
    top = TOP + ROW * max(0, len(legend) - 1)
    boxes = []
    for panel in chart.panels:
        boxes.append(Box(left, top, chart.width, panel.height, chart.x, panel.y))
        top += panel.height + GAP
    right, bottom = left + chart.width + RIGHT, top - GAP
    names = layout.named(boxes[-1].columns(chart.x.ticks), chart.x.names, (0, right), _width)
    below = bottom + ROW * max((row for _, row, _ in names), default=0)
    marks = [mark for panel in chart.panels for mark in panel.marks]
    used = {Ink.FAINT, Ink.GREY, Ink.BLACK} | {getattr(mark, "ink", Ink.BLACK) for mark in marks}
    layers = {ink: Image.new("L", (right, below + BOTTOM)) for ink in Ink if ink in used}
    for panel, box in zip(chart.panels, boxes, strict=True):
        _draw_panel(layers, panel, box)
    for x, row, name in names:
        write(layers[Ink.BLACK], (x, bottom + 18 + ROW * row), name, ink=255)
    middle = left + chart.width / 2
    write(layers[Ink.BLACK], (middle, below + 44), chart.name, ink=255)
    size = LARGE if font(LARGE).getlength(chart.title) <= chart.width else SMALL
    write(layers[Ink.BLACK], (middle, 20), chart.title, size, ink=255)
    for number, entries in enumerate(legend):
        _draw_legend(layers, middle, TOP - 20 + ROW * number, entries)
    return _blended(layers) if any(isinstance(mark, Band | Boxes) for mark in marks) else _printed(layers)


def _left(chart: Chart) -> int:
    """Where panels begin: the names of their y axes' values need room beside the axis' own."""
    widest = max((_width(name) for panel in chart.panels for name in panel.y.names), default=0)
    return max(LEFT, NAMED + math.ceil(widest) + TICK + 4)


def _draw_panel(layers: Layers, panel: Panel, box: Box) -> None:
    for mark in panel.marks:
        draw(layers, mark, box)
    if panel.marked is not None:
        (x,) = box.columns([panel.marked])
        _draw_dotted(layers[Ink.GREY], x, box)
    _draw_axes(layers, panel, box)
    _write_upwards(layers[Ink.BLACK], (18, box.top + box.height // 2), panel.name)


def _draw_axes(layers: Layers, panel: Panel, box: Box) -> None:
    """The frame, a grid, ticks, and the names of those of the y axis."""
    from PIL import ImageDraw

    grid, frame = ImageDraw.Draw(layers[Ink.FAINT]), ImageDraw.Draw(layers[Ink.BLACK])
    for x in box.columns(box.x.ticks) if panel.framed else ():
        grid.line((x, box.top, x, box.bottom), 255)
        frame.line((x, box.bottom, x, box.bottom + TICK), 255)
    for y, name in zip(box.rows(box.y.ticks), box.y.names, strict=True):
        write(layers[Ink.BLACK], (box.left - TICK - 4, y), name, anchor="rm", ink=255)
        if panel.framed:
            grid.line((box.left, y, box.right, y), 255)
            frame.line((box.left - TICK, y, box.left, y), 255)
    if panel.framed:
        frame.rectangle((box.left, box.top, box.right, box.bottom), outline=200)


def _draw_dotted(layer: Image, x: int, box: Box) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(layer)
    for y in range(box.top, box.bottom, 4):
        pen.line((x, y, x, y + 1), 255)


def _draw_legend(layers: Layers, middle: float, y: int, entries: list[layout.Entry]) -> None:
    """What each mark is, in a row around the middle."""
    widths = [layout.entry_width(entry, _width) for entry in entries]
    x = middle - (sum(widths) + layout.BETWEEN * (len(entries) - 1)) / 2
    for (mark, label), width in zip(entries, widths, strict=True):
        if isinstance(mark, Line):
            places = np.array([[x, y], [x + layout.SWATCH / 2, y], [x + layout.SWATCH, y]])
            draw_curve(layers[mark.ink], mark, places)
        elif isinstance(mark, Dots):
            one = Dots([0], [0], mark.ink, [""], shape=mark.shape, radius=mark.radius)
            draw_dots(layers[mark.ink], one, np.array([[x + layout.SWATCH / 2, y]]))
        write(layers[Ink.BLACK], (x + layout.SWATCH + layout.AFTER, y), label, anchor="lm", ink=255)
        x += width + layout.BETWEEN


def _write_upwards(layer: Image, middle: tuple[int, int], text: str) -> None:
    from PIL import Image

    width, height = int(_width(text)) + 4, SMALL + 8
    words = Image.new("L", (width, height))
    write(words, (width / 2, height / 2), text, ink=255)
    layer.paste(words.transpose(Image.Transpose.ROTATE_90), (middle[0] - height // 2, middle[1] - width // 2))


def _width(text: str) -> float:
    return font(SMALL).getlength(text)


def _blended(layers: Layers) -> Image:
    """All layers, each a coat over those before it."""
    from PIL import Image

    image = Image.new("RGB", layers[Ink.BLACK].size, "white")
    for ink, layer in layers.items():
        image.paste(ink.value, mask=layer)
    return image


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
