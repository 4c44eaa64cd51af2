"""How a result shows itself: as text in Python, as a card in a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from nnexp.plots.chart import Chart
from nnexp.plots.svg_drawing import svg
from nnexp.printable import visible

ROWS = 30  # of a table; the others are in the result's data frame
BETWEEN = "  "  # columns of a table in text


@dataclass(frozen=True)
class Card:
    """What there is to show.

    lead: the first thing to know. lines: more of it. columns, rows: of a table. left: which of the columns are words.
    spark: a curve as a word, for text. where: to look further, a line each.
    """

    title: str
    lead: str
    lines: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    left: frozenset[str] = field(default_factory=frozenset)
    spark: str = ""
    chart: Chart | None = None
    where: Sequence[str] = ()

    def text(self) -> str:
        """In plain lines; nothing in them acts on a terminal."""
        parts = [self.title, *self._table(), *([self.spark] if self.spark else []), self.lead, *self.lines, *self.where]
        return "\n".join(map(visible, parts))

    def html(self) -> str:
        """As a piece of a page, which has the colours of the page."""
        parts = [f"<div><strong>{escape(self.title)}</strong></div>", f"<p><strong>{escape(self.lead)}</strong></p>"]
        if self.rows:
            parts.append(self._html_table())
        if self.chart:
            parts.append(svg(self.chart))
        if self.lines:
            parts.append(f"<ul>{''.join(f'<li>{escape(visible(line))}</li>' for line in self.lines)}</ul>")
        if self.where:
            parts.append(f"<pre>{escape(chr(10).join(map(visible, self.where)))}</pre>")
        return f'<div style="max-width:60em">{"".join(parts)}</div>'

    def _table(self) -> Iterator[str]:
        if not self.rows:
            return
        lines = [list(self.columns), *map(list, self.rows[:ROWS])]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        for line in lines:
            cells = zip(self.columns, line, widths, strict=True)
            padded = (text.ljust(width) if name in self.left else text.rjust(width) for name, text, width in cells)
            yield BETWEEN.join(padded).rstrip()
        yield from self._more()

    def _html_table(self) -> str:
        head = "".join(f'<th scope="col" style="{self._side(name)}">{escape(name)}</th>' for name in self.columns)
        rows = "".join(
            "<tr>"
            + "".join(
                f'<td style="{self._side(name)}">{escape(visible(text))}</td>'
                for name, text in zip(self.columns, row, strict=True)
            )
            + "</tr>"
            for row in self.rows[:ROWS]
        )
        more = "".join(f"<p>{line}</p>" for line in self._more())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        scrolls = f'tabindex="0" role="region" aria-label="{escape(self.title)}" style="overflow-x:auto"'
        return f"<div {scrolls}>{table}</div>{more}"

    def _more(self) -> list[str]:
        left_out = len(self.rows) - ROWS
        return [f"and {left_out} more"] if left_out > 0 else []

    def _side(self, column: str) -> str:
        return f"text-align:{'left' if column in self.left else 'right'};white-space:nowrap;padding:.2em .6em"


class Shown(ABC):
    """What shows itself as a card."""

    @property
    @abstractmethod
    def card(self) -> Card:
        """What there is to show."""

    def __repr__(self) -> str:
        return self.card.text()

    def _repr_html_(self) -> str:
        return self.card.html()
