"""What the `nnexp` commands print."""

from __future__ import annotations

import click

from nnexp.printable import visible
from nnexp.runtime.waiting import about_to_print


def say(line: str, err: bool = False) -> None:
    """Print a line, in which nothing can act on a terminal, at once, also into a pipe."""
    about_to_print()
    click.echo(visible(line), err=err)
