"""Standard output and standard error for people: tables, bars and colours."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import textwrap
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

from nnexp.runtime.waiting import PRINTING, room

if TYPE_CHECKING:
    from rich.console import Console

WHOLE = 400  # characters of a row that no terminal breaks
GAP = 2  # characters between two columns
FOLDED = 16  # characters of a long cell that are left in each of its lines, at least
INDENT = 8  # characters: of `verdict ` and what else stands before the text of a line
COMMAND = "python -m nnexp"  # whoever copies one wants no line break in it


def console(*, stderr: bool = False, wraps: bool = True) -> Console:
    """Standard output, as wide as the terminal; in a pipe or a file without colours, and as wide as a row may be.

    Whoever sets NO_COLOR gets none on a terminal either. stderr: standard error instead. wraps: whether a line that is
    too long is broken between words, not by the terminal.
    """
    from rich.console import Console

    with room():
        pass
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WHOLE
    return Console(
        file=stream,
        highlight=False,
        markup=False,
        soft_wrap=not wraps,
        width=width,
        force_terminal=stream.isatty(),
    )


def fits(names: Sequence[str], rows: Sequence[Sequence[str]], least: Collection[str]) -> bool:
    """Whether a table with these columns, without those that are least missed, is no wider than the terminal."""
    columns = zip(names, *rows, strict=True)
    widths = [max(map(len, column)) for column in columns if column[0] not in least]
    return sum(widths) + GAP * (len(widths) - 1) <= console().width


def print_columns(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    left: Collection[str],
    least: Sequence[str],
    below: str = "",
    folds: Collection[str] = (),
) -> None:
    """Print rows of cells in columns with these names, and a line below them, if there is one.

    left: the columns that are words. least: those that a narrow terminal goes without, first to last; a line says so.
    folds: those whose long cells go on below rather than cost another column its place.
    """
    from rich.table import Table

    longest = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    widths = [min(width, FOLDED) if name in folds else width for name, width in zip(names, longest, strict=True)]
    shown = list(range(len(names)))
    gone: list[str] = []
    for name in filter(set(names).__contains__, least):
        if sum(widths[each] + GAP for each in shown) - GAP <= console().width:
            break
        last = max(each for each in shown if names[each] == name)  # results stand behind settings
        shown = [each for each in shown if each != last]
        gone.append(name)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for each in shown:
        justify: Literal["left", "right"] = "left" if names[each] in left else "right"
        table.add_column(
            names[each], justify=justify, overflow="fold", no_wrap=bool(folds) and names[each] not in folds
        )
    for row in rows:
        table.add_row(*(row[each] for each in shown))
    console().print(table)
    if below:
        print_line(below, sys.stdout)
    if gone:
        print_line(f"(in a wider terminal also: {', '.join(gone)})", sys.stdout)


def print_line(line: str, stream: TextIO) -> None:
    """Print a line at once, also into a pipe; on a terminal it is broken between words."""
    with room():
        print(_wrapped(line, stream), file=stream, flush=True)


class LogPrinter(logging.StreamHandler[TextIO]):
    """Prints a log as `print_line` does."""

    def createLock(self) -> None:  # the name that logging calls
        self.lock = PRINTING

    def emit(self, record: logging.LogRecord) -> None:
        with room():
            super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        return _wrapped(super().format(record), self.stream)


def _wrapped(line: str, stream: TextIO) -> str:
    """The line in as many as the terminal needs, the others indented; one in a pipe, or with a command in it."""
    width = shutil.get_terminal_size().columns
    if len(line) <= width or COMMAND in line or "\n" in line or not stream.isatty():
        return line
    first, rest = line[:INDENT], line[INDENT:]
    return textwrap.fill(
        rest,
        width,
        initial_indent=first,
        subsequent_indent=" " * INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def can_print(text: str) -> bool:
    """Whether standard output can show these characters, as far as its encoding tells."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
