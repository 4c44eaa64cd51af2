"""Finding parts: the files that lie beside a group's base, and what other packages name as entry points."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nnexp.errors import UsageError, in_a_line

ENTRY_POINTS = "nnexp.components"


@cache
def load_beside(module: str) -> None:
    """Import the files beside a group's `base.py`: a part is found because it is there."""
    folder, _, file = module.rpartition(".")
    if file != "base":  # a group that has all its parts in one file
        return
    package = importlib.import_module(folder)
    for each in pkgutil.iter_modules(getattr(package, "__path__", [])):
        importlib.import_module(f"{package.__name__}.{each.name}")


def entry_points_of_others() -> Iterator[tuple[str, object]]:
    """What the entry points lead to, with what an error calls each; `UsageError` for one that can't be loaded."""
    if not _some_have_parts():
        return
    from importlib.metadata import entry_points

    try:
        points = list(entry_points(group=ENTRY_POINTS))
    except Exception as error:  # of a file that is none
        raise UsageError(f"entry points {ENTRY_POINTS}: can't be read ({in_a_line(error)})") from error
    for point in points:
        name = f"entry point {point.name} = {point.value}"
        try:
            part = point.load()
        except (Exception, SystemExit) as error:  # whatever another package's import raises
            raise UsageError(f"{name}: can't be loaded ({in_a_line(error)})") from error
        yield name, part


def _some_have_parts() -> bool:
    """Whether any installed package may name parts: to ask `importlib.metadata` would take a tenth of the start."""
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    return any(ENTRY_POINTS in file.read_text(encoding="utf-8", errors="replace") for file in files)
