"""Runs as rows of a table in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import Any

from nnexp.printable import visible
from nnexp.runtime.terminal import console

ACCURACIES = {"best_validation_accuracy": "best validation", "test_accuracy_at_best_validation": "test"}
WIDE = 110  # characters: narrower tables leave out what is least missed
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

    out = console()
    narrow = out.width < WIDE
    table = Table(box=None, header_style="bold", pad_edge=False)
    shown = [column for column in COLUMNS if not narrow or column != "seconds"]
    for column in shown:
        title = ACCURACIES.get(column, column)
        number = column in ("epochs", "seconds", *ACCURACIES)
        table.add_column(
            title.removeprefix("best ") if narrow else title,
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=column != "name",
        )
    for row in rows:
        table.add_row(*(_text(column, row.shown(column), narrow) for column in shown))
    out.print(table)


def _text(column: str, value: Any, narrow: bool) -> str:
    if value is None:
        return "-"
    if column == "id":
        return visible(str(value))[:8]
    if column in ACCURACIES:
        return f"{100 * value:.2f} %"
    if column == "seconds":
        return f"{value:.1f}"
    if column == "started":
        when = datetime.fromtimestamp(value, tz=UTC).astimezone()
        if not narrow:
            return when.strftime("%Y-%m-%d %H:%M:%S")
        return when.strftime("%H:%M" if when.date() == datetime.now(tz=when.tzinfo).date() else "%Y-%m-%d")
    return visible(str(value))
