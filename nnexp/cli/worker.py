"""`nnexp worker`: do jobs of a sweep that waits for workers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nnexp.cli.output import say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(min=1), help="How many jobs at once; one for each core unless said.")
def worker(folder: Path, workers: int | None) -> None:
    """Do jobs of the sweep in FOLDER until none is left, on any machine that sees it.

    The sweep was begun with launch=workers, and has said which folder. Any number of workers may share it: each job is
    done once, and what a worker had that is gone, by another. Ctrl-C and SIGTERM store what is under way and give it
    back.

    \b
    Example:
      nnexp worker outputs/sweeps/eta-seed
      nnexp worker outputs/sweeps/eta-seed --workers 4
    """
    from nnexp.runtime.cores import cores
    from nnexp.runtime.signals import Interrupted, sent_by
    from nnexp.sweeps.pull_worker import pull

    try:
        pull(folder, workers or cores(), say)
    except Interrupted as interrupt:
        say(f"stopped by {sent_by(interrupt.signal)}; what was under way is given back", err=True)
        sys.exit(128 + interrupt.signal)
