"""The jobs of a sweep as a table: in the terminal, in markdown, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nnexp.formats import percent, result_text, value_text
from nnexp.printable import csv_cell, markdown_row
from nnexp.runtime.terminal import console
from nnexp.train.ranking import Rank, rank

RESULTS = ("best validation", "epoch", "test", "seconds", "state", "run")


@dataclass(frozen=True)
class Row:
    """A job and what came of it.

    varying: the settings that tell it from the others. state: new or continued if it was trained just now, done if
    before; running, failed, killed, to do. epoch: that validation has chosen; validation, test: its accuracies (0 to
    1); None if it has none. run: MLflow's id.
    """

    varying: dict[str, Any]
    state: str
    epoch: int | None = None
    validation: float | None = None
    test: float | None = None
    seconds: float | None = None
    run: str = ""

    @property
    def rank(self) -> Rank:
        """What sorts it among the others."""
        return rank(self.validation, self.epoch, self.varying)

    @property
    def result(self) -> str:
        """`eta=3 seed=0: 96.41 % on validation, 95.93 % on test (epoch 24)`."""
        name = " ".join(f"{name}={value_text(value)}" for name, value in self.varying.items())
        return result_text(name or "the only job", self.validation, self.test, self.epoch)

    def cells(self) -> list[str]:
        """What the table shows."""
        settings = [value_text(value) for value in self.varying.values()]
        return [
            *settings,
            percent(self.validation),
            value_text(self.epoch),
            percent(self.test),
            "-" if self.seconds is None else f"{self.seconds:.1f}",
            self.state,
            self.run[:8],
        ]


@dataclass(frozen=True)
class Table:
    """Rows, the best first. over: the names of the settings that vary."""

    over: Sequence[str]
    rows: Sequence[Row] = field(default_factory=list)

    @property
    def best(self) -> Row | None:
        """The first of them; None if no job has a result."""
        ranked = self.ranked()
        return ranked[0] if ranked and ranked[0].validation is not None else None

    def ranked(self) -> list[Row]:
        """The rows, best first, those without a result last."""
        return sorted(self.rows, key=lambda row: row.rank)

    def show(self, most: int = 30, ranked: bool = True) -> None:
        """Print it, as wide as the terminal allows, but not more than so many rows."""
        from rich.table import Table as RichTable

        table = RichTable(box=None, header_style="bold", pad_edge=False)
        for name in (*self.over, *RESULTS):
            table.add_column(name, justify="left" if name in ("state", "run") else "right")
        rows = self.ranked() if ranked else self.rows
        for row in rows[:most]:
            table.add_row(*row.cells())
        out = console()
        out.print(table)
        if rows[most:]:
            out.print(f"and {len(rows) - most} more, all of them in the summary's table.csv")

    def markdown(self, most: int = 30) -> str:
        """The table in markdown."""
        names = (*self.over, *RESULTS)
        lines = [names, ["---"] * len(names), *(row.cells() for row in self.ranked()[:most])]
        return "\n".join(map(markdown_row, lines))

    def csv(self) -> str:
        """All of it, with all digits."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*self.over, *RESULTS])
        for row in self.ranked():
            settings = map(csv_cell, row.varying.values())
            writer.writerow([*settings, row.validation, row.epoch, row.test, row.seconds, row.state, row.run])
        return text.getvalue()


def in_time(seconds: float) -> str:
    """`40 s`, `3 min`, `2.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
