"""The table of epochs, measured and printed."""

from __future__ import annotations

from collections.abc import Iterator

from bench_epoch import table
from bench_epoch.cases import CASES
from bench_epoch.measuring import Row, measure


def report(only: str | None, rounds: int, as_json: bool) -> bool:
    """Measure the cases, or only one, and print them; whether everybody who was measured did the same work."""
    measured: list[Row] = []

    def measuring() -> Iterator[Row]:
        for case in CASES:
            if only in (None, case.name):
                measured.append(measure(case, rounds))
                yield measured[-1]

    if as_json:
        print(table.as_json(list(measuring())))
    else:
        for line in table.text(measuring()):
            print(line, flush=True)
    return not any(row.errors for row in measured)
