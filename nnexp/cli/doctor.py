"""`nnexp doctor`: what is wrong with a run store, and what helps."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from nnexp.cli.output import print_json, say
from nnexp.cli.store_options import in_store
from nnexp.errors import in_one_line
from nnexp.runtime.waiting import doing
from nnexp.tracking.usual import tracking_at


@click.command()
@in_store
@click.option("--json", "as_json", is_flag=True, help="JSON; an empty cure means all is well.")
def doctor(uri: str | None, experiment: str, as_json: bool) -> None:
    """Examine a run store, local or served: whether it answers, writes quickly, keeps files.

    It also looks for what processes that were killed have left behind. Each finding is a line, with its cure. Exit
    code 0: all is well; 1: something is not. What it writes to find out it takes out again, and it deletes nothing
    else.

    \b
    Example:
      nnexp doctor
      nnexp doctor --uri https://mlflow.example.org
    """
    from nnexp.doctor.examination import examine

    found = []
    with doing("examining the store"):
        for finding in examine(tracking_at(uri, experiment), Path.cwd()):
            found.append(finding)
            if not as_json:
                say(in_one_line(finding.line))
    if as_json:
        lines = [{name: in_one_line(text) for name, text in asdict(each).items()} for each in found]
        print_json("doctor", findings=lines)
    sys.exit(1 if any(each.cure for each in found) else 0)
