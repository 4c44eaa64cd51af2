"""Standard output and standard error for people: tables, bars and colours."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from nnexp.runtime.waiting import about_to_print

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 400  # characters


def console(*, stderr: bool = False, wraps: bool = True) -> Console:
    """Standard output, as wide as the terminal; in a pipe or a file without colours, and as wide as a row may be.

    Whoever sets NO_COLOR gets none on a terminal either. stderr: standard error instead. wraps: whether a line that is
    too long is broken between words, not by the terminal.
    """
    from rich.console import Console

    about_to_print()
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(
        file=stream, highlight=False, markup=False, soft_wrap=not wraps, width=width, force_terminal=stream.isatty()
    )


def can_print(text: str) -> bool:
    """Whether standard output can show these characters, as far as its encoding tells."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
