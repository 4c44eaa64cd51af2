"""A search's trials as a table: in the terminal, in markdown, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from nnexp.formats import percent
from nnexp.printable import csv_cell, markdown_row
from nnexp.runtime.terminal import print_columns
from nnexp.searches.render.values import SHORT, setting_text, value_of
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial

SHOWN = 30  # rows, in the terminal and in markdown
LEFT = ("state", "run")
LEAST = ("epochs", "seeds", "trial")  # columns that a narrow terminal goes without
FRONT = "front"  # instead of a rank, where there are several objectives


def columns(searched: Searched) -> list[str]:
    """What the columns are called."""
    first = FRONT if searched.several else "rank"
    values = [SHORT.get(name, name) for name in searched.objectives]
    return [first, "trial", *searched.over, *values, "seeds", "epochs", "test", "state", "run"]


def rows(searched: Searched, most: int | None = None) -> list[list[str]]:
    """The trials, best first, then those without values in the order of their numbers. most: of them."""
    ordered = _ordered(searched)[:most]
    return [[mark, *_cells(searched, trial)] for mark, trial in zip(_marks(searched), ordered, strict=False)]


def show(searched: Searched, most: int = SHOWN) -> None:
    """Print it, as wide as the terminal allows, but not more than so many rows."""
    more = len(searched.trials) - most
    below = f"and {more} more, all of them in the summary's table.csv" if more > 0 else ""
    print_columns(columns(searched), rows(searched, most), left=LEFT, least=LEAST, below=below)


def markdown(searched: Searched, most: int = SHOWN) -> str:
    """The table in markdown."""
    names = columns(searched)
    more = [f"\nand {count} more"] if (count := len(searched.trials) - most) > 0 else []
    return "\n".join([*map(markdown_row, [names, ["---"] * len(names), *rows(searched, most)]), *more])


def as_csv(searched: Searched) -> str:
    """All of it, with all digits and all runs; accuracies are shares, from 0 to 1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = columns(searched)
    values = slice(2 + len(searched.over), 2 + len(searched.over) + len(searched.objectives))
    names[values] = searched.objectives
    writer.writerow([*map(csv_cell, names[:-1]), "runs"])
    for mark, trial in zip(_marks(searched), _ordered(searched), strict=True):
        settings = [_exact(trial, name) for name in searched.over]
        of_it = trial.values or [None] * len(searched.objectives)
        rest = [trial.seeds, trial.epochs, trial.test, trial.state, " ".join(trial.runs)]
        writer.writerow([mark.strip("-"), trial.number, *settings, *of_it, *rest])
    return text.getvalue()


def _ordered(searched: Searched) -> list[SearchTrial]:
    """All trials, those with values first."""
    rest = [trial for state in ("pruned", "running", "failed") for trial in searched.trials if trial.state == state]
    return [*searched.ranked, *rest]


def _marks(searched: Searched) -> list[str]:
    """What stands first in each row: the rank, or whether the trial is on the front."""
    complete, front = len(searched.ranked), len(searched.front)
    marks = [FRONT] * front + ["-"] * (complete - front) if searched.several else map(str, range(1, complete + 1))
    return [*marks, *["-"] * (len(searched.trials) - complete)]


def _cells(searched: Searched, trial: SearchTrial) -> list[str]:
    settings = [setting_text(trial.settings[name]) if name in trial.settings else "-" for name in searched.over]
    named: Sequence[tuple[str, float | None]] = list(
        zip(searched.objectives, trial.values or [None] * len(searched.objectives), strict=True)
    )
    values = ["-" if value is None else value_of(name, value) for name, value in named]
    runs = [trial.runs[0][:8]] if trial.runs else ["-"]
    more = [f"+{len(trial.runs) - 1}"] if trial.runs[1:] else []
    return [
        str(trial.number),
        *settings,
        *values,
        str(trial.seeds),
        str(trial.epochs),
        percent(trial.test),
        trial.state,
        " ".join(runs + more),
    ]


def _exact(trial: SearchTrial, name: str) -> object:
    """A setting with all digits; empty if the trial has not got it, `null` for none."""
    if name not in trial.settings:
        return ""
    value = trial.settings[name]
    if value is None:
        return "null"
    return setting_text(value) if isinstance(value, list) else csv_cell(value)
