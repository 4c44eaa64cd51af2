"""What each plain setting of a run may be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnexp.nn.arrays import DTYPES
from nnexp.printable import counted
from nnexp.train.monitors.base import Monitor

MOST = 10**9  # epochs, units, examples: who types more has leant on a key
COUNT = f"from 1 to {MOST:,}"
RESUME = ("auto", "never", "require")
MONITORED = sorted(Monitor.kinds())


@dataclass(frozen=True)
class Rule:
    """What a setting may be: in words, and as a test."""

    expected: str
    allows: Callable[[Any], bool]


def _monitored(names: list[str]) -> bool:
    return all(name in MONITORED for name in names) and len(set(names)) == len(names)


RULES = {
    "sizes": Rule(
        f"a list of two or more whole numbers {COUNT}, such as [784,100,10]",
        lambda sizes: len(sizes) >= 2 and all(isinstance(size, int) and 0 < size <= MOST for size in sizes),
    ),
    "epochs": Rule(f"a whole number {COUNT}", lambda epochs: 0 < epochs <= MOST),
    "mini_batch_size": Rule(f"a whole number {COUNT}", lambda size: 0 < size <= MOST),
    "eta": Rule("a number > 0", lambda eta: 0 < eta < math.inf),
    "seed": Rule("a whole number >= 0", lambda seed: seed >= 0),
    "dtype": Rule(" or ".join(DTYPES), lambda dtype: dtype in DTYPES),
    "threads": Rule("a whole number from 1 to 1024", lambda threads: 1 <= threads <= 1024),
    "resume": Rule(" or ".join(RESUME), lambda resume: resume in RESUME),
    "checkpoint_seconds": Rule("a number >= 0", lambda seconds: 0 <= seconds < math.inf),
    "checkpoint_upload": Rule("true or false", lambda upload: isinstance(upload, bool)),
    "pictures": Rule("true or false", lambda pictures: isinstance(pictures, bool)),
    "monitor": Rule(f"a list of any of {', '.join(MONITORED)}, each once: [{MONITORED[0]}]", _monitored),
}


def unexpected(name: str, value: Any) -> str:
    """The message for a setting that is not what it may be."""
    return f"{name}: got {value!r}, expected {RULES[name].expected}"


def misfits(sizes: list[int], name: str, n_values: int, classes: int) -> list[str]:
    """How the first and the last layer don't fit examples of `n_values` values and `classes` classes."""
    problems = []
    if sizes[0] != n_values:
        problems.append(
            f"sizes: first layer has {counted(sizes[0], 'unit')}, but {name} examples have {counted(n_values, 'value')}"
        )
    if sizes[-1] != classes:
        problems.append(f"sizes: last layer has {counted(sizes[-1], 'unit')}, but {name} has {classes} classes")
    if problems:
        fitting = ",".join(map(str, [n_values, *sizes[1:-1], classes]))
        problems[-1] += f"; write 'sizes=[{fitting}]'"
    return problems
