"""A curve as a word: one block a value, the taller the higher."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
WIDEST = 30  # blocks


def spark(values: Sequence[float], widest: int = WIDEST) -> str:
    """`▁▅▇█`: the lowest value is the lowest block, the highest the highest; of many values only some are shown."""
    if len(values) > widest:
        values = [values[round(number * (len(values) - 1) / (widest - 1))] for number in range(widest)]
    low, high = min(values, default=0.0), max(values, default=0.0)
    steps = len(BLOCKS) - 1
    return "".join(BLOCKS[round(steps * (value - low) / (high - low)) if high > low else 0] for value in values)
