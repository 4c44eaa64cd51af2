"""Runs as rows of a table in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import Any

from nnexp.printable import visible
from nnexp.runtime.terminal import console

ACCURACIES = {"best_validation_accuracy": "best validation", "test_accuracy_at_best_validation": "test"}
COLUMNS = ("id", "name", "status", "epochs", *ACCURACIES, "seconds", "started")


@dataclass(frozen=True)
class RunRow:
    """A run's facts by name: the columns of the table, and every metric and param."""

    values: dict[str, Any]

    def shown(self, column: str) -> Any:
        """What a column shows; of a run that is known to have stopped early also the epochs done, `9/100`."""
        from nnexp.tracking.chosen import EPOCHS_DONE  # imports numpy

        value, done = self.values.get(column), self.values.get(EPOCHS_DONE)
        early = column == "epochs" and value is not None and isinstance(done, float) and str(value) != f"{done:.0f}"
        return f"{done:.0f}/{value}" if early else value

    def rank(self, column: str) -> tuple[bool, float, str]:
        """What to sort by: rows that lack the column, or have no number there, last; numbers by size."""
        value = self.values.get(column)
        try:
            number = float(value or 0)
        except ValueError:
            return True, 0.0, str(value)
        return (False, 0.0, "") if value is None or isnan(number) else (True, number, "")


def show(rows: list[RunRow]) -> None:
    """Print the table, as wide as the terminal allows."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in COLUMNS:
        number = column in ("epochs", "seconds", *ACCURACIES)
        table.add_column(
            ACCURACIES.get(column, column),
            justify="right" if number else "left",
            overflow="fold",
            min_width=8 if column == "id" else None,
        )
    for row in rows:
        table.add_row(*(_text(column, row.shown(column)) for column in COLUMNS))
    console().print(table)


def _text(column: str, value: Any) -> str:
    if value is None:
        return "-"
    if column == "id":
        return visible(str(value))[:8]
    if column in ACCURACIES:
        return f"{100 * value:.2f} %"
    if column == "seconds":
        return f"{value:.1f}"
    if column == "started":
        return datetime.fromtimestamp(value, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return visible(str(value))
