"""Python's values as words of the command line, which says the same in Hydra's grammar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np

from nnexp.component import declared
from nnexp.config.naming import typed
from nnexp.config.schema import GROUPS, Config
from nnexp.config.sweep_settings import Sweep
from nnexp.formats import number


@dataclass(frozen=True)
class Interval:
    """Numbers that a search may try; see `interval`."""

    low: float
    high: float
    log: bool = False

    def __str__(self) -> str:
        between = f"interval({number(self.low)},{number(self.high)})"
        return f"tag(log,{between})" if self.log else between


def interval(low: float, high: float, log: bool = False) -> Interval:
    """All numbers from `low` to `high`, for a search. log: on a logarithmic scale, as for a learning rate.

        search("tpe", eta=interval(0.1, 10, log=True), mini_batch_size=[5, 10, 20])

    A setting that is a whole number is tried at whole numbers.
    """
    return Interval(low, high, log)


def words_of(settings: Mapping[str, Any]) -> list[str]:
    """Settings of one run: each has one value."""
    return [f"{name}={typed(_plain(value))}" for name, value in settings.items()]


def words_of_several(settings: Mapping[str, Any]) -> list[str]:
    """Settings of a sweep or a search: a list has a value for each of its items, as every tuple, set and range has.

    Where a setting is a list itself, such as `sizes`, a list of lists has several values, and any other is one.
    """
    return [f"{name}={_several(name, value)}" for name, value in settings.items()]


def _several(name: str, value: Any) -> str:
    if isinstance(value, Interval):
        return str(value)
    values = _plain(value)
    if not isinstance(values, list):
        return typed(values)
    is_one = name in _lists() and isinstance(value, list) and not any(isinstance(each, list) for each in values)
    return typed(values) if is_one or not values else ",".join(map(typed, values))


def _plain(value: Any) -> Any:
    """Without numpy's types, and with a list for whatever is a sequence."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    return value


@cache
def _lists() -> set[str]:
    """The settings whose value may be a list."""
    owners: dict[str, list[type]] = {"": [Config], "sweep.": [Sweep]}
    owners |= {f"{group}.": [base, *base.kinds().values()] for group, base in GROUPS.items()}
    found = {
        f"{above}{each.name}"
        for above, classes in owners.items()
        for owner in classes
        for each in fields(owner)
        if each.name in declared(owner) and "list" in str(each.type)
    }
    return found | {"dropout"}  # whose type says anything
