"""The rows as a table: in the terminal, as JSON, and as the page nnexp/nn/README.md has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bench_epoch.article import PART
from bench_epoch.cases import CASES
from bench_epoch.measuring import Row
from bench_epoch.rivals import RIVALS

RATIOS = {"x floor": ("ours", "floor"), "article/ours": ("article", "ours"), "ours/jax": ("ours", "jax")}
HEADINGS = [*("article*" if rival.name == "article" else rival.name for rival in RIVALS), *RATIOS]
WIDTH = max(len(case.name) for case in CASES)
TITLES = {
    "ours": "nnexp",
    "floor": "its matrix products alone",
    "article": "the article's loop",
    "sklearn": "scikit-learn",
    "jax": "JAX",
    "torch": "PyTorch",
    "compiled torch": "PyTorch, compiled",
    "keras": "Keras",
}
PACKAGES = {"sklearn": "scikit-learn", "jax": "jax", "torch": "torch", "compiled torch": "torch", "keras": "keras"}


def text(rows: Iterable[Row]) -> Iterable[str]:
    """A line for the headings, one for each row as it is measured, and what they mean."""
    lacking: dict[str, str] = {}
    yield _line("net@mini-batch", HEADINGS, ["to be reached"])
    for row in rows:
        yield _line(row.name, _cells(row), row.verdicts)
        yield from (f"  ERROR {error}" for error in row.errors)
        if "all" in row.lacking:
            yield f"  left out: {row.lacking['all']}"
        else:
            lacking |= row.lacking
    yield ""
    yield from (f"left out: {name}, {why}" for name, why in lacking.items())
    yield "seconds an epoch, wall-clock, fastest round, everybody held to one core"
    yield f"* 1/{PART} of an epoch was run, its time multiplied"


def as_json(rows: Sequence[Row]) -> str:
    """All that was measured, and of which versions; `scripts/readme_tables.py` reads it."""
    return json.dumps({"versions": _versions(), "rows": [asdict(row) for row in rows]}, indent=2)


def markdown(measured: dict[str, Any]) -> str:
    """The page's table, from what `as_json` gave: a column for everybody who is in it, two digits."""
    rows = [row for row in measured["rows"] if row["seconds"]]
    names = [name for name in TITLES if any(name in row["seconds"] for row in rows)]
    cases = {case.name: case for case in CASES}
    titles = [f"{TITLES[name]} {measured['versions'].get(name, '')}".rstrip() for name in names]
    lines = [["network, mini-batch", *titles], ["---"] * (len(names) + 1)]
    for row in rows:
        case = cases[row["name"]]
        special = f", {case.note.replace('-', ', ').replace('_', '-')}" if case.note else ""
        network = f"`[{','.join(map(str, case.sizes))}]`, {case.m}{special}"
        lines.append([network, *(_digits(row["seconds"].get(name)) for name in names)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(name: str, cells: Sequence[str], remarks: Sequence[str]) -> str:
    padded = [cell.rjust(max(6, len(heading))) for cell, heading in zip(cells, HEADINGS, strict=True)]
    return "  ".join([name.ljust(WIDTH), *padded, ", ".join(remarks)]).rstrip()


def _cells(row: Row) -> list[str]:
    times = [f"{row.seconds[rival.name]:.3f}" if rival.name in row.seconds else "-" for rival in RIVALS]
    return [*times, *(_ratio(row.seconds, *both) for both in RATIOS.values())]


def _ratio(seconds: dict[str, float], above: str, below: str) -> str:
    return f"{seconds[above] / seconds[below]:.2f}" if {above, below} <= seconds.keys() else "-"


def _digits(seconds: float | None) -> str:
    """Two of them; empty for who was not measured."""
    if seconds is None:
        return ""
    return f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}"


def _versions() -> dict[str, str]:
    """The first two numbers of the version of each rival's package, where it is installed."""
    found = {}
    for name, package in PACKAGES.items():
        try:
            found[name] = ".".join(version(package).split(".")[:2])
        except PackageNotFoundError:
            continue
    return found
