"""The scales of a chart's axes: where values lie along one, and which of them are named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnexp.nn.arrays import Array

STEPS = (1, 2, 2.5, 5, 10)  # between ticks, times a power of ten
MARGIN = 0.05  # of the values' range, or of the only value, at either end
EQUAL = 1e-9  # values that differ by no more than this share are shown as one
SHORT = 4  # powers of ten on a scale that needs more ticks than those
LARGE, SMALL = 1e6, 1e-4  # what is as large, or smaller, is written with a power of ten


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, with the values that are named and their names."""

    low: float
    high: float
    ticks: Sequence[float]
    names: Sequence[str]
    logarithmic: bool = False

    def place(self, values: Iterable[float]) -> Array:
        """Where values lie along the axis: 0 is its low end, 1 its high end."""
        found, ends = np.array([*values], float), np.array([self.low, self.high])
        if self.logarithmic:
            found, ends = np.log10(found), np.log10(ends)
        return np.asarray((found - ends[0]) / (ends[1] - ends[0]))


def around(values: Sequence[float], most: int, whole: bool = False) -> Scale:
    """The scale that shows all values, with a little room at both ends. most, whole: see `between`."""
    low, high = min(values), max(values)
    if high - low <= EQUAL * max(abs(low), abs(high)):
        room = 0.5 if whole else MARGIN * (abs(low) or 1)
    else:
        room = MARGIN * (high - low)
    return between(low - room, high + room, most, whole)


def between(low: float, high: float, most: int, whole: bool = False) -> Scale:
    """The scale with these ends, and ticks at round values. most: of the steps between them. whole: no fractions."""
    step = next(step for step in _steps((high - low) / most) if not whole or step % 1 == 0)
    ticks = [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return Scale(low, high, ticks, [_name(tick, step, max(map(abs, ticks), default=0)) for tick in ticks])


def columns(names: Sequence[str]) -> Scale:
    """Names beside each other, at 0, 1, 2 and so on."""
    return Scale(-0.5, len(names) - 0.5, range(len(names)), names)


def of_counts(highest: int) -> Scale:
    """A logarithmic scale on which 1 and the highest count can be told from none."""
    low, high = 0.5, 2.0 * highest
    powers = [10**power for power in range(math.ceil(math.log10(high)))]
    ticks = powers[:: 1 + len(powers) // 4] if len(powers) > 1 else [tick for tick in (1, 2, 5) if tick < high]
    return Scale(low, high, ticks, [_name(tick, tick, tick) for tick in ticks], logarithmic=True)


def powers(low: float, high: float) -> Scale:
    """A logarithmic scale with these ends, and ticks at powers of ten; at 1, 2 and 5 times one if it is short."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    of_each = (1, 2, 5) if len(decades) < SHORT else (1,)
    named = {f"{each}e{power}": float(f"{each}e{power}") for power in decades for each in of_each}
    ticks = {name: tick for name, tick in named.items() if low <= tick <= high}
    short = all(SMALL <= tick < LARGE for tick in ticks.values())
    names = [f"{tick:g}" for tick in ticks.values()] if short else list(ticks)
    return Scale(low, high, list(ticks.values()), names, logarithmic=True)


def around_powers(values: Sequence[float]) -> Scale:
    """The logarithmic scale that shows all values, each above 0, with some room at both ends; never a narrow one."""
    low, high = min(values), max(values)
    room = max((high / low) ** MARGIN, 3 / (high / low) if high < 3 * low else 1.0)
    return powers(low / room, high * room)


def _steps(least: float) -> Iterator[float]:
    """Round numbers from `least` on, each larger than the one before."""
    power = math.floor(math.log10(least))
    while True:
        yield from (step for each in STEPS if (step := float(f"{each}e{power}")) >= least)
        power += 1


def _name(tick: float, step: float, largest: float) -> str:
    """A tick in as many digits as tell it from its neighbours."""
    last = math.floor(math.log10(step))
    last -= float(f"{step:e}".partition("e")[0]) % 1 > 0  # 2.5 has a digit more
    if not SMALL <= largest < LARGE:
        if not tick:
            return "0"
        first = math.floor(math.log10(abs(tick)))
        digits, _, power = f"{tick:.{max(0, first - last)}e}".partition("e")
        return f"{digits}e{int(power)}"
    return f"{tick:,.{max(0, -last)}f}"
