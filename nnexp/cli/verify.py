"""`nnexp verify`: whether a run can still be made as it was."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nnexp.cli import offers
from nnexp.cli.output import print_json, say
from nnexp.cli.store_options import in_store, run_in, store_at
from nnexp.printable import counted
from nnexp.runtime.waiting import doing

if TYPE_CHECKING:
    from nnexp.runner.verify import Verification


@click.command()
@in_store
@click.argument("run_id", shell_complete=offers.run)
@click.argument("overrides", nargs=-1, shell_complete=offers.setting)
@click.option("--epochs", type=click.IntRange(min=0), help="Only the first so many epochs.")
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON.")
def verify(
    uri: str | None, experiment: str, run_id: str, overrides: tuple[str, ...], epochs: int | None, as_json: bool
) -> None:
    """Train a run again and compare it with what it was: weights and metrics of every epoch, bit for bit.

    The weights that it has stored, and its model's, are compared with those of their epoch too.

    \b
    Example:
      nnexp verify d8396f9e --epochs 3
      nnexp verify d8396f9e threads=2
    """
    from dataclasses import asdict

    from nnexp.runner.verify import verify as compare

    run = run_in(store_at(uri, experiment), run_id, uri)
    with doing("training it again"):
        found = compare(run, overrides, epochs)
    if as_json:
        print_json("verify", identical=found.identical, **asdict(found))
    else:
        for line in _lines(found):
            say(line)
    sys.exit(0 if found.identical else 1)


def _lines(found: Verification) -> list[str]:
    """The verdict as it is printed: what departs or that nothing does, then what is not as it was."""
    epochs = f"{counted(found.epochs, 'epoch')}, from 0 to {found.epochs - 1}, bit for bit"
    if found.departs is not None:
        first = f"differs in epoch {found.departs}: {', '.join(found.what)}"
    elif found.stored:
        first = f"differs in what is stored; trained again, identical: {epochs}"
    else:
        first = f"identical: {epochs}"
    unexplained = [] if found.departs is None or found.changed else ["nothing that is recorded has changed"]
    return [first, *(f"  {line}" for line in [*found.stored, *found.changed, *unexplained])]
