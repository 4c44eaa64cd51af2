"""A chart as an SVG element: words are text, ink is the page's own, and each point says what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from nnexp.nn.arrays import Array
from nnexp.plots.chart import Bars, Chart, Ink, Line, Panel

LEFT, RIGHT, TOP, BOTTOM, GAP = 56, 16, 26, 44, 30  # pixels: around panels, and between them
SIZE = 13  # pixels, of words
LETTER = 7.2  # pixels, of a letter on average
SWATCH, BETWEEN = 22, 18  # pixels, of a curve in the legend, and between two of them
DOT = 3  # pixels, of a point's radius
CROWDED = 9  # pixels, on average: points that are closer have no dots
OF_THE_PAGE = {Ink.BLACK: "currentColor", Ink.FAINT: "currentColor", Ink.GREY: "#808080"}


def svg(chart: Chart, points: bool = True) -> str:
    """The element, as wide as the chart says, which a page may scale. points: whether each can be pointed at.

    It has the title as its name, and says in words from where to where each curve goes.
    """
    width = LEFT + chart.width + RIGHT
    height = TOP + sum(panel.height + GAP for panel in chart.panels) - GAP + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'style="width:100%;max-width:{width}px;height:auto;font:{SIZE}px system-ui,sans-serif">',
        f"<title>{escape(chart.title)}</title><desc>{escape(_in_words(chart))}</desc>",
        *_legend(chart),
    ]
    top = TOP
    for panel in chart.panels:
        parts += _panel(chart, panel, top, points)
        top += panel.height + GAP
    bottom = top - GAP
    for x, name in zip(_across(chart, chart.x.ticks), chart.x.names, strict=True):
        parts.append(_text(x, bottom + 18, name))
    parts.append(_text(LEFT + chart.width / 2, bottom + 38, chart.name))
    return "".join([*parts, "</svg>"])


def _in_words(chart: Chart) -> str:
    """`accuracy (%): test from 95.2 at 1 to 97.9 at 30; ...`."""
    return ". ".join(
        f"{panel.name}: " + "; ".join(_course(line) for line in panel.lines if len(line.x)) for panel in chart.panels
    )


def _course(line: Line) -> str:
    ends = f"from {line.y[0]:.4g} at {line.x[0]:g} to {line.y[-1]:.4g} at {line.x[-1]:g}"
    return f"{line.label} {ends}" if line.label else ends


def _panel(chart: Chart, panel: Panel, top: int, points: bool) -> Iterator[str]:
    bottom, right = top + panel.height, LEFT + chart.width
    for x in _across(chart, chart.x.ticks):
        yield _stroke(f"M{x:.1f} {top}V{bottom}", OF_THE_PAGE[Ink.FAINT], width=1, opacity=0.12)
    for y, name in zip(_up(panel, panel.y.ticks, bottom), panel.y.names, strict=True):
        yield _stroke(f"M{LEFT} {y:.1f}H{right}", OF_THE_PAGE[Ink.FAINT], width=1, opacity=0.12)
        yield _text(LEFT - 7, y + SIZE / 3, name, "end")
    yield _stroke(f"M{LEFT} {top}V{bottom}H{right}", "currentColor", width=1, opacity=0.6)
    if panel.marked is not None:
        (x,) = _across(chart, [panel.marked])
        yield _stroke(f"M{x:.1f} {top}V{bottom}", _colour(Ink.GREY), width=1, dashes="2 3")
    for mark in panel.marks:
        yield from (
            _bars(chart, panel, mark, bottom) if isinstance(mark, Bars) else _curve(chart, panel, mark, bottom, points)
        )
    yield _text(14, top + panel.height / 2, panel.name, turned=True)


def _curve(chart: Chart, panel: Panel, line: Line, bottom: int, points: bool) -> Iterator[str]:
    places = list(zip(_across(chart, line.x), _up(panel, line.y, bottom), strict=True))
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield _stroke(f"M{path}", _colour(line.ink), dashes="7 4" if line.dashed else "")
    if not line.dots or not places or places[-1][0] - places[0][0] < CROWDED * (len(places) - 1):
        return
    for (x, y), at, value in zip(places, line.x, line.y, strict=True):
        said = f"{chart.name} {at:g}: {line.label or panel.name} {value:.4g}"
        told = f' tabindex="0" role="img" aria-label="{escape(said)}"><title>{escape(said)}</title></circle>'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}" fill="{_colour(line.ink)}"{told if points else "/>"}'


def _bars(chart: Chart, panel: Panel, bars: Bars, bottom: int) -> Iterator[str]:
    edges, tops = _across(chart, bars.edges), _up(panel, [max(panel.y.low, each) for each in bars.heights], bottom)
    for left, right, top in zip(edges[:-1], edges[1:], tops, strict=True):
        size = f'width="{right - left - 2:.1f}" height="{bottom - top:.1f}"'
        ink = f'fill="{_colour(bars.ink)}" fill-opacity="{bars.strength}"'
        yield f'<rect x="{left + 1:.1f}" y="{top:.1f}" {size} {ink}/>'


def _legend(chart: Chart) -> Iterator[str]:
    """What has a label, once, beside each other."""
    x: float = LEFT
    for line in {line.label: line for panel in chart.panels for line in panel.lines if line.label}.values():
        yield _stroke(f"M{x:.1f} {TOP - 14}h{SWATCH}", _colour(line.ink), dashes="7 4" if line.dashed else "")
        yield _text(x + SWATCH + 6, TOP - 10, line.label, "start")
        x += SWATCH + 6 + LETTER * len(line.label) + BETWEEN


def _across(chart: Chart, x: Sequence[float]) -> Array:
    return LEFT + chart.width * chart.x.place(x)


def _up(panel: Panel, y: Sequence[float], bottom: int) -> Array:
    return bottom - panel.height * panel.y.place(y)


def _stroke(path: str, colour: str, width: float = 2, opacity: float = 1.0, dashes: str = "") -> str:
    more = f' stroke-dasharray="{dashes}"' if dashes else ""
    more += f' opacity="{opacity}"' if opacity < 1 else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{more}/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor"{turn}>{escape(text)}</text>'


def _colour(ink: Ink) -> str:
    return OF_THE_PAGE.get(ink, "#{:02x}{:02x}{:02x}".format(*ink.value))
