"""What the `nnexp` commands print."""

from __future__ import annotations

import click

from nnexp.printable import visible


def say(line: str, err: bool = False) -> None:
    """Print a line, in which nothing can act on a terminal, at once, also into a pipe."""
    click.echo(visible(line), err=err)
