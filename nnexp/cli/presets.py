"""`nnexp presets`: the experiments that are there to be run."""

from __future__ import annotations

import click

from nnexp.cli import offers
from nnexp.cli.output import say


@click.command()
@click.argument("name", required=False, default="", shell_complete=offers.preset)
def presets(name: str) -> None:
    """List the presets, or those whose name begins so; or show one: its header, and the settings that it changes.

    \b
    Example:
      nnexp presets
      nnexp presets article
      nnexp presets chapter3
    """
    from nnexp.config import presets as known

    every = known.presets()
    found = [] if name in {each.name for each in every} else [each for each in every if each.name.startswith(name)]
    if found:
        width = max(len(each.name) for each in found)
        for each in found:
            say(f"{each.name:{width}}  {each.title}")
        return
    preset = known.preset_called(name)
    for line in preset.header:
        say(line)
    say("")
    say("Settings that it changes:")
    for word in preset.changes:
        say(f"    {word}")
    if preset.axes:
        say("It goes over:")
    for word in preset.axes:
        say(f"    {word}")
