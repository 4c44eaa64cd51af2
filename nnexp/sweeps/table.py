"""The jobs of a sweep as a table: in the terminal, in markdown, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from nnexp.formats import count_text, percent, value_text
from nnexp.printable import csv_cell, markdown_row
from nnexp.runner.result import Outcome
from nnexp.runtime.terminal import print_columns

LEAST = ("seconds", "epoch")  # columns that a narrow terminal goes without
RESULTS = ("best validation", "epoch", "test", "seconds", "state", "run")


@dataclass(frozen=True)
class Table:
    """A row for each job, the best first. over: the names of the settings that vary."""

    over: Sequence[str]
    rows: Sequence[Outcome] = field(default_factory=list)

    @property
    def best(self) -> Outcome | None:
        """The first of them; None if no job has a result."""
        ranked = self.ranked()
        return ranked[0] if ranked and ranked[0].validation is not None else None

    def ranked(self) -> list[Outcome]:
        """The rows, best first, those without a result last."""
        return sorted(self.rows, key=lambda row: row.rank)

    def show(self, most: int = 30, ranked: bool = True) -> None:
        """Print it, as wide as the terminal allows, but not more than so many rows."""
        rows = self.ranked() if ranked else self.rows
        more = f"and {len(rows) - most} more, all of them in the summary's table.csv" if rows[most:] else ""
        shown = [cells(row) for row in rows[:most]]
        print_columns([*self.over, *RESULTS], shown, left=("state", "run"), least=LEAST, below=more)

    def markdown(self, most: int = 30) -> str:
        """The table in markdown."""
        names = (*self.over, *RESULTS)
        lines = [names, ["---"] * len(names), *(cells(row) for row in self.ranked()[:most])]
        return "\n".join(map(markdown_row, lines))

    def csv(self) -> str:
        """All of it, with all digits."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*self.over, *RESULTS])
        for row in self.ranked():
            settings = ("null" if value is None else csv_cell(value) for value in row.varying.values())
            writer.writerow([*settings, row.validation, row.epoch, row.test, row.seconds, row.state, row.run])
        return text.getvalue()


def cells(row: Outcome) -> list[str]:
    """What the table shows of a job."""
    return [
        *map(value_text, row.varying.values()),
        percent(row.validation),
        count_text(row.epoch),
        percent(row.test),
        "-" if row.seconds is None else f"{row.seconds:.1f}",
        row.state,
        row.run[:8],
    ]


def in_time(seconds: float) -> str:
    """`40 s`, `3 min`, `2.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
