"""`nnexp run`: train by settings."""

from __future__ import annotations

import sys

import click

from nnexp.cli import offers


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, shell_complete=offers.setting)
def run(arguments: tuple[str, ...]) -> None:
    """Train: the same as `python -m nnexp.run`. `nnexp run --help` explains all settings.

    \b
    Example:
      nnexp run experiments=quick
    """
    start(*arguments)


def start(*arguments: str) -> None:
    """Call the front door with these words."""
    from nnexp import run as front_door

    sys.argv = [sys.argv[0], *arguments]
    front_door.main()
