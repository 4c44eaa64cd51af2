"""A comparison as a table: in the terminal, in markdown, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.group import Group
from nnexp.formats import percent, value_text
from nnexp.printable import csv_cell, markdown_row
from nnexp.runtime.terminal import fits, print_columns
from nnexp.stats.estimate import Estimate

SHOWN = 30  # rows, in the terminal and in markdown
LEAST = ("seconds", "epoch", "last test", "95 % interval", "seeds")  # columns that a narrow terminal goes without

SETTING = "setting"  # a column of all that differ


@dataclass(frozen=True)
class Column:
    """What a column is called, and what it says of a group: as text, and as the numbers behind it by name."""

    name: str
    text: Callable[[Group], str]
    numbers: Callable[[Group], dict[str, Any]]
    left: bool = False


def columns(comparison: Comparison) -> list[Column]:
    """The settings that differ, then the results; what there is but over several seeds only where there are some."""
    several = comparison.several_seeds
    results = [
        _seeds() if several else None,
        _accuracy("best validation", lambda group: group.validation),
        _accuracy("test", lambda group: group.test),
        _interval("95 % interval", lambda group: group.test) if several else None,
        _accuracy("last test", lambda group: group.last_test),
        _mean("epoch", "{:.0f}", lambda group: group.epoch),
        _mean("seconds", "{:.1f}", lambda group: group.seconds),
        Column("best run", lambda group: group.best.id[:8], lambda group: {"best run": group.best.id}, left=True),
    ]
    return [*map(_setting, comparison.over), *(column for column in results if column)]


def table_rows(comparison: Comparison) -> list[list[str]]:
    """What the columns say of each setting; one without a result is a row that says what became of its runs."""
    shown = columns(comparison)
    lines = [[column.text(group) for column in shown] for group in comparison.groups]
    for varying, status in comparison.without_result:
        settings = [value_text(varying[name]) for name in comparison.over]
        lines.append([*settings, *["-"] * (len(shown) - len(settings) - 1), status])
    return lines


def show(comparison: Comparison, whole: str = "--html has them all") -> None:
    """Print it, as wide as the terminal allows; settings whose columns do not fit share one.

    whole: where to find the rows that are too many to print.
    """
    shown = columns(comparison)
    names, left = [column.name for column in shown], [column.name for column in shown if column.left]
    lines = table_rows(comparison)
    more = f"and {len(lines) - SHOWN} more; {whole}" if lines[SHOWN:] else ""
    lines, over = lines[:SHOWN], len(comparison.over)
    if over < 2 or fits(names, lines, LEAST):
        print_columns(names, lines, left, LEAST, more)
        return
    others = [Group(varying, ()) for varying, _ in comparison.without_result]
    called = [group.name for group in [*comparison.groups, *others]]
    lines = [[name, *line[over:]] for name, line in zip(called, lines, strict=False)]
    print_columns([SETTING, *names[over:]], lines, [SETTING, *left], LEAST, more, folds=[SETTING])


def markdown(comparison: Comparison, most: int = SHOWN) -> str:
    """The table in markdown."""
    shown = columns(comparison)
    every = table_rows(comparison)
    lines = [[column.name for column in shown], ["---"] * len(shown), *every[:most]]
    more = [f"\nand {count} more"] if (count := len(every[most:])) else []
    return "\n".join([*map(markdown_row, lines), *more])


def as_csv(comparison: Comparison) -> str:
    """All of it, with all digits; accuracies are shares, from 0 to 1."""
    shown = columns(comparison)
    rows = [
        {str(csv_cell(name)): csv_cell(value) for column in shown for name, value in column.numbers(group).items()}
        for group in comparison.groups
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def accuracy_text(of: Estimate) -> str:
    """`97.23 ± 0.10 %`: the mean, and the standard deviation where there are several seeds."""
    return percent(of.mean) if of.sd is None else f"{100 * of.mean:.2f} ± {100 * of.sd:.2f} %"


def _setting(name: str) -> Column:
    return Column(name, lambda group: group.text(name), lambda group: {name: _exact(group, name)})


def _exact(group: Group, name: str) -> Any:
    value = group.varying[name]
    return group.text(name) if value is None or isinstance(value, list) else value


def _seeds() -> Column:
    return Column("seeds", lambda group: str(len(group.trials)), lambda group: {"seeds": len(group.trials)})


def _accuracy(name: str, estimate: Callable[[Group], Estimate]) -> Column:
    def numbers(group: Group) -> dict[str, Any]:
        return {name: estimate(group).mean, f"{name} sd": estimate(group).sd}

    return Column(name, lambda group: accuracy_text(estimate(group)), numbers)


def _interval(name: str, estimate: Callable[[Group], Estimate]) -> Column:
    """`97.11 to 97.35`, in percent."""

    def text(group: Group) -> str:
        of = estimate(group)
        if of.low is None or of.high is None:
            return "-"
        return f"{100 * max(of.low, 0.0):.2f} to {100 * min(of.high, 1.0):.2f}"  # few seeds know no bounds

    def numbers(group: Group) -> dict[str, Any]:
        return {"low": estimate(group).low, "high": estimate(group).high}

    return Column(name, text, numbers)


def _mean(name: str, form: str, estimate: Callable[[Group], Estimate | None]) -> Column:
    def text(group: Group) -> str:
        of = estimate(group)
        return form.format(of.mean) if of else "-"

    def numbers(group: Group) -> dict[str, Any]:
        of = estimate(group)
        return {name: of.mean if of else None}

    return Column(name, text, numbers)
