"""What the `nnexp` commands print."""

from __future__ import annotations

import json
import sys
from math import isfinite
from typing import Any

import click

from nnexp.printable import visible
from nnexp.runtime.terminal import print_line

VERSIONS = {"runs": 1, "clean": 1, "compare": 1, "verify": 1, "doctor": 1, "predict": 1, "sweeps": 1, "sweep": 1}


def say(line: str, err: bool = False) -> None:
    """Print a line, in which nothing can act on a terminal, at once, also into a pipe."""
    print_line(visible(line), sys.stderr if err else sys.stdout)


def print_json(schema: str, **fields: Any) -> None:
    """Print fields for programs, headed by their schema, such as `nnexp.runs/1`; README.md here says what each means.

    A change that a program could stumble over raises the schema's number in `VERSIONS`; a new field is none.
    """
    whole = {"schema": f"nnexp.{schema}/{VERSIONS[schema]}", **fields}
    click.echo(json.dumps(_finite(whole), indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    """The same, null for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value
