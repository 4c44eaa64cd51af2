"""Runs as rows of a table in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Any

from nnexp.printable import visible
from nnexp.runtime.terminal import console, print_columns

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore

ACCURACIES = {"best_validation_accuracy": "best validation", "test_accuracy_at_best_validation": "test"}
WIDE = 110  # characters: narrower tables have shorter words
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


def with_epochs_done(store: RunStore, rows: Sequence[RunRow]) -> list[RunRow]:
    """The rows, those of runs that have not finished with the epochs that their curves have."""
    from nnexp.tracking.chosen import EPOCHS_DONE, VALIDATION

    ids = [row.values["id"] for row in rows if row.values["status"] != "FINISHED" and EPOCHS_DONE not in row.values]
    curves = store.curves(ids, (VALIDATION,))[VALIDATION] if ids else {}
    known = {run_id: {EPOCHS_DONE: float(max(curve))} for run_id, curve in curves.items() if curve}
    return [RunRow(row.values | known.get(row.values["id"], {})) for row in rows]


def show(rows: Sequence[RunRow]) -> None:
    """Print the table, as wide as the terminal allows."""
    narrow = console().width < WIDE
    titles = [ACCURACIES.get(column, column) for column in COLUMNS]
    print_columns(
        [title.removeprefix("best ") if narrow else title for title in titles],
        [[_text(column, row.shown(column), narrow) for column in COLUMNS] for row in rows],
        left=("id", "name", "status", "started"),
        least=("seconds", "started", "epochs"),
        folds=("name",),
    )


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
