"""`nnexp verify`: whether a run can still be made as it was."""

from __future__ import annotations

import json
import sys

import click

from nnexp.cli.family import in_store, run_in, say, store_at
from nnexp.visible import counted


@click.command()
@in_store
@click.argument("run_id")
@click.argument("overrides", nargs=-1)
@click.option("--epochs", type=click.IntRange(min=0), help="Only the first so many epochs.")
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON.")
def verify(
    uri: str | None, experiment: str, run_id: str, overrides: tuple[str, ...], epochs: int | None, as_json: bool
) -> None:
    """Train a run again and compare it with what it was: weights and metrics of every epoch, bit for bit.

    \b
    Example:
      nnexp verify d8396f9e --epochs 3
      nnexp verify d8396f9e threads=2
    """
    from dataclasses import asdict

    from nnexp.verify import verify as compare

    verdict = compare(run_in(store_at(uri, experiment), run_id), overrides, epochs)
    if as_json:
        click.echo(json.dumps(asdict(verdict) | {"identical": verdict.identical}, indent=2))
    elif verdict.identical:
        say(f"identical: {counted(verdict.epochs, 'epoch')}, from 0 to {verdict.epochs - 1}, bit for bit")
    else:
        say(f"departs in epoch {verdict.departs}: {', '.join(verdict.what)}")
    if not as_json:
        for line in verdict.changed or ([] if verdict.identical else ["nothing that is recorded has changed"]):
            say(f"  {line}")
    sys.exit(0 if verdict.identical else 1)
