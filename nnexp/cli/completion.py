"""`nnexp completion`: what teaches a shell to complete `nnexp` commands."""

from __future__ import annotations

import click

from nnexp.cli.shells import SHELLS

VARIABLE = "_NNEXP_COMPLETE"  # click's, from the command's name


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> None:
    """Print a script for SHELL, by which TAB completes commands, settings, values, presets, runs and sweeps.

    \b
    Example:
      eval "$(nnexp completion bash)"               # in ~/.bashrc
      eval "$(nnexp completion zsh)"                # in ~/.zshrc, after compinit
      nnexp completion fish | source                # in ~/.config/fish/config.fish
    """
    root = click.get_current_context().find_root()
    click.echo(SHELLS[shell](root.command, {}, "nnexp", VARIABLE).source())
