"""What a report's charts are drawn on: figures that a page can show in light and in dark, and MLflow as PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # matplotlib takes most of a second to import
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 4.4  # inches: a chart's words stay readable on a phone
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C6D31")  # Okabe & Ito's, nearly all
FAINT = "#999999"
INK = "#010101"  # words on a coloured ground; pure black is what a page turns into its own colour
PAPER = "#FEFEFE"


def canvas(height: float) -> tuple[Figure, Axes]:
    """A figure of that many inches, with axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def svg(figure: Figure) -> str:
    """The figure as an SVG element without a ground, whose black is the colour of the text around it."""
    from matplotlib import rc_context

    _take_literally(figure)
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    text = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "nnexp"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    element = text.getvalue()
    return element[element.index("<svg") :].replace("#000000", "currentColor")


def png(figure: Figure) -> bytes:
    """The figure on white paper."""
    _take_literally(figure)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=150, facecolor="white")
    return data.getvalue()


def _take_literally(figure: Figure) -> None:
    """A `$` in a setting's value begins no formula."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
