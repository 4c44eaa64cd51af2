"""Text that comes from a file, a store or the keyboard, as it may be shown: nothing in it can act on a terminal."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from types import TracebackType

LONGEST = 300  # characters of a line that says what is wrong, whatever was typed
FORMULA = ("=", "+", "-", "@")  # what spreadsheets take for the beginning of one


def visible(text: str) -> str:
    r"""The text in one line, each character that can't be seen as Python writes it: `\x1b`, `\n`, `\u202e`.

    These are control characters, line breaks, marks of direction and of no width, and bytes that are no text; an
    escape sequence would have the terminal do something, and a mark of direction would have it show another text.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def visible_lines(text: str) -> str:
    """The same for text of several lines, which it stays."""
    return "\n".join(map(visible, text.split("\n")))


def shortened(line: str, longest: int = LONGEST) -> str:
    """The line, without its middle if it is longer: its beginning says what it is about, its end what to do."""
    if len(line) <= longest:
        return line
    end = longest // 2 - 1
    return f"{line[: longest - 3 - end]} … {line[-end:]}"


def counted(count: int, thing: str) -> str:
    """`1 job`, `2,000 jobs`: a count and what it is of."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def markdown_row(cells: Iterable[str]) -> str:
    """A row of a table in markdown, whatever the cells hold."""
    return "| " + " | ".join(visible(cell).replace("|", "\\|") for cell in cells) + " |"


def csv_cell(value: object) -> object:
    """A value as a cell of a CSV file; text that a spreadsheet would run as a formula gets a quote before it."""
    if not isinstance(value, str):
        return value
    return f"'{visible(value)}" if value.startswith(FORMULA) else visible(value)


class LogFormatter(logging.Formatter):
    """Log records whose text can't act on a terminal. One of ours is one line; a library's may be several."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        show = visible if record.name.startswith("nnexp") else visible_lines
        record.message = show(record.message)
        return super().formatMessage(record)

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return visible_lines(super().formatException(ei))
