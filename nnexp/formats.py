"""How values are written where people read them."""

from __future__ import annotations

from typing import Any

from nnexp.printable import visible


def number(value: float) -> str:
    """`3`, `1e-05`: six digits, or all where six would be another number."""
    text = f"{value:g}"
    return text if float(text) == value else repr(float(value))


def value_text(value: Any) -> str:
    """A setting's value, short: `784-30-10` for a list, `null` for none, as the command line wants it."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return visible("-".join(map(str, value)))
    return number(value) if isinstance(value, float) else visible(str(value))


def count_text(count: int | None) -> str:
    """A count, or the number of an epoch; `-` for none."""
    return "-" if count is None else str(count)


def percent(share: float | None) -> str:
    """`97.23 %`; `-` for none."""
    return "-" if share is None else f"{100 * share:.2f} %"


def result_text(run: str, validation: float | None, test: float | None, epoch: int | None) -> str:
    """`eta=3 seed=0: 96.41 % on validation, 95.93 % on test (epoch 24)`: a run, and how good it was when chosen."""
    return f"{run}: {percent(validation)} on validation, {percent(test)} on test (epoch {count_text(epoch)})"
