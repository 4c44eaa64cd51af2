"""The `nnexp` command: train, look at runs, compare them, make one again, verify, ask or serve it, copy runs, clean up.

Exit codes: 0 done; 1 a run diverged or could not be remembered, `verify` found a difference, `check` a wrong gradient,
`doctor` something to cure, or `sync` a run that can't be copied; 2 something to correct in the command, a file or an
address; 130 and 143 stopped by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import click
from click.shell_completion import add_completion_class

from nnexp.cli.command_group import CommandGroup
from nnexp.cli.shells import SHELLS

for name, shell in SHELLS.items():
    add_completion_class(shell, name)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nnexp")
def main() -> None:
    """Train networks, and keep what every run was.

    \b
    Example:
      nnexp run 'sizes=[784,100,10]' eta=3.0
      nnexp runs --sort best_validation_accuracy
    """
