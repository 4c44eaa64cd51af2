"""A chart as an SVG element: words are text, ink is the page's own, and each point says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from nnexp.plots import layout
from nnexp.plots.chart import Chart, Dots, Ink, Line
from nnexp.plots.svg_marks import LETTER, SIZE, Frame, drawn, places, shape, stroke, text, written

LEFT, RIGHT, TOP, BOTTOM, GAP = 56, 16, 26, 44, 30  # pixels: around panels, and between them
ROW = 19  # pixels: from one row of words to the next
NAMED = 24  # pixels, for the name of a y axis


def svg(chart: Chart, points: bool = True) -> str:
    """The element, as wide as the chart says, which a page may scale. points: whether each can be pointed at.

    It has the title as its name, and says in words what there is to see. One whose points can be reached is a group of
    them; a single image could hold nothing that can be.
    """
    left = _left(chart)
    chart = replace(chart, width=max(chart.width // 2, chart.width - max(0, left - LEFT)))  # long names take its room
    rows = layout.legend(chart, _width)
    top = TOP + ROW * max(0, len(rows) - 1)
    frames = []
    for panel in chart.panels:
        frames.append(Frame(chart, panel, left, top))
        top += panel.height + GAP
    below, names = _names(chart, frames[-1], top - GAP)
    width, height = left + chart.width + RIGHT, below + BOTTOM
    seen = [*_legend(rows, left), *(each for frame in frames for each in (*_axes(frame), *drawn(frame))), *names]
    found = [each for frame in frames for each in places(frame, points)]
    reached = any("tabindex" in each for each in found)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'role="{"group" if reached else "img"}" '
            f'style="width:100%;max-width:{width:g}px;height:auto;font:{SIZE}px system-ui,sans-serif">',
            f"<title>{escape(chart.title)}</title><desc>{escape(_in_words(chart))}</desc>",
            '<g aria-hidden="true">',
            *seen,
            "</g>",
            *found,
            '<g aria-hidden="true" pointer-events="none">',
            *(each for frame in frames for each in written(frame)),
            "</g></svg>",
        ]
    )


def _in_words(chart: Chart) -> str:
    """`accuracy (%): test from 95.2 at 1 to 97.9 at 30; ...`."""
    return chart.words or ". ".join(
        f"{panel.name}: " + "; ".join(_course(line) for line in panel.lines if len(line.x)) for panel in chart.panels
    )


def _course(line: Line) -> str:
    ends = f"from {line.y[0]:.4g} at {line.x[0]:g} to {line.y[-1]:.4g} at {line.x[-1]:g}"
    return f"{line.label} {ends}" if line.label else ends


def _left(chart: Chart) -> int:
    """Where panels begin: the names along their y axes need room beside the axis' own."""
    widest = max((_width(name) for panel in chart.panels for name in panel.y.names), default=0)
    of_axis = NAMED if any(panel.name for panel in chart.panels) else 0
    return max(LEFT, round(of_axis + widest + 9)) if of_axis else round(widest + 9)


def _axes(frame: Frame) -> Iterator[str]:
    panel, top, bottom = frame.panel, frame.top, frame.bottom
    for x in frame.across(frame.chart.x.ticks) if panel.framed else ():
        yield stroke(f"M{x:.1f} {top}V{bottom}", Ink.FAINT, width=1, opacity=0.12)
    for y, name in zip(frame.up(panel.y.ticks), panel.y.names, strict=True):
        if panel.framed:
            yield stroke(f"M{frame.left} {y:.1f}H{frame.right}", Ink.FAINT, width=1, opacity=0.12)
        yield text(frame.left - 7, y + SIZE / 3, name, "end")
    if panel.framed:
        yield stroke(f"M{frame.left} {top}V{bottom}H{frame.right}", Ink.BLACK, width=1, opacity=0.6)
    if panel.marked is not None:
        (x,) = frame.across([panel.marked])
        yield stroke(f"M{x:.1f} {top}V{bottom}", Ink.GREY, width=1, dashed=True)
    if panel.name:
        yield text(14, top + panel.height / 2, panel.name, turned=True)


def _names(chart: Chart, frame: Frame, bottom: float) -> tuple[float, list[str]]:
    """The names below the x axis; and the bottom of panels, were they all in one row."""
    found = layout.named(frame.across(chart.x.ticks).tolist(), chart.x.names, (0, frame.right + RIGHT), _width)
    rows = max((row for _, row, _ in found), default=0)
    words = [text(x, bottom + 18 + ROW * row, name) for x, row, name in found]
    if chart.name:
        words.append(text(frame.left + chart.width / 2, bottom + 38 + ROW * rows, chart.name))
    return bottom + ROW * rows - (0 if chart.name else ROW if found else 2 * ROW - 8), words


def _legend(rows: list[list[layout.Entry]], left: float) -> Iterator[str]:
    for number, row in enumerate(rows):
        x, y = left, TOP - 14 + ROW * number
        for mark, label in row:
            if isinstance(mark, Line):
                yield stroke(f"M{x:.1f} {y}h{layout.SWATCH}", mark.ink, opacity=mark.strength, dashed=mark.dashed)
            elif isinstance(mark, Dots):
                yield shape(mark.shape, mark.ink, (x + layout.SWATCH / 2, y), mark.radius) + "/>"
            yield text(x + layout.SWATCH + layout.AFTER, y + 4, label, "start")
            x += layout.entry_width((mark, label), _width) + layout.BETWEEN


def _width(words: str) -> float:
    return LETTER * len(words)
