"""What a search may vary: an interval of numbers, numbers in steps, or a choice of words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from nnexp.errors import ConfigError
from nnexp.formats import number

DIGITS = 4  # of a number on a logarithmic scale, and of the width of an interval


class Trial(Protocol):
    """What is asked for a value: a trial of Optuna's, or one that it has frozen, which gives what it had."""

    def suggest_float(self, name: str, low: float, high: float, *, step: float | None, log: bool) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, step: int, log: bool) -> int: ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


@dataclass(frozen=True)
class Choice:
    """Words, of which none is nearer to another."""

    name: str
    words: tuple[str, ...]

    def suggest(self, trial: Trial) -> str:
        """The word that the trial chooses."""
        return str(trial.suggest_categorical(self.name, self.words))

    @property
    def ends(self) -> tuple[str, ...]:
        """The words that have to be right, so that all are."""
        return self.words

    @property
    def values(self) -> list[Any]:
        """All that Optuna may be given."""
        return list(self.words)

    @property
    def size(self) -> int:
        return len(self.words)

    def __str__(self) -> str:
        return f"{self.name}: one of {', '.join(self.words)}"


@dataclass(frozen=True)
class Steps:
    """Numbers that lie evenly, in rising order.

    words: as a sweep over the same range has them, so that a run is the same run. numbers: the same in exact decimals.
    """

    name: str
    words: tuple[str, ...]
    numbers: tuple[float, ...]

    def suggest(self, trial: Trial) -> str:
        """The word of the number that the trial chooses."""
        low, high, step = self.numbers[0], self.numbers[-1], self.step
        if isinstance(low, int) and isinstance(high, int) and isinstance(step, int):
            chosen: float = trial.suggest_int(self.name, low, high, step=step, log=False)
        else:
            chosen = trial.suggest_float(self.name, low, high, step=step, log=False)
        return self.words[round((chosen - low) / step)]

    @property
    def step(self) -> float:
        """From one to the next; 1 if there is none."""
        if len(self.numbers) == 1:
            return 1
        low, following = (Decimal(str(each)) for each in self.numbers[:2])
        return type(self.numbers[0])(following - low)

    @property
    def ends(self) -> tuple[str, ...]:
        return self.words[0], self.words[-1]

    @property
    def values(self) -> list[Any]:
        return list(self.numbers)

    @property
    def size(self) -> int:
        return len(self.words)

    def __str__(self) -> str:
        low, high, step = map(_shown, (self.numbers[0], self.numbers[-1], self.step))
        return f"{self.name}: {low} to {high} in steps of {step}"


@dataclass(frozen=True)
class Interval:
    """All numbers between two ends, or all whole ones if these are whole. log: whether as many of each magnitude."""

    name: str
    low: float
    high: float
    log: bool = False

    def suggest(self, trial: Trial) -> str:
        """The number that the trial chooses, in as many digits as a person would type."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return str(trial.suggest_int(self.name, self.low, self.high, step=1, log=self.log))
        found = float(trial.suggest_float(self.name, self.low, self.high, step=None, log=self.log))
        finest = abs(found) if self.log else self.high - self.low
        return repr(min(max(round(found, DIGITS - 1 - math.floor(math.log10(finest))), self.low), self.high))

    @property
    def ends(self) -> tuple[str, ...]:
        return repr(self.low), repr(self.high)

    @property
    def values(self) -> list[Any]:
        expected = "values for search=grid: list them, or say range(...)"
        raise ConfigError([f"{self.name}: got an interval, expected {expected}"])

    @property
    def size(self) -> int | None:
        """How many numbers there are; None if that is no end."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return self.high - self.low + 1
        return None

    def __str__(self) -> str:
        between = f"{_shown(self.low)} to {_shown(self.high)}{', logarithmic' if self.log else ''}"
        return f"{self.name}: {between}" if self.size is None else f"{self.name}: whole numbers from {between}"


Dimension = Choice | Steps | Interval


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else number(value)
