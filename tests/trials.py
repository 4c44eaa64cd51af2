"""Runs as they are compared, made up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.trial import Trial


def trial(
    validation: Sequence[float] = (0.1, 0.8, 0.9, 0.85), test: Sequence[float] = (0.1, 0.7, 0.8, 0.9), **settings: Any
) -> Trial:
    """A finished run with these accuracies by epoch."""
    named = {"eta": 1.0, "seed": 0} | settings
    return Trial(
        id="".join(f"{value}" for value in named.values()),
        name=" ".join(f"{name}={value}" for name, value in named.items()),
        status="FINISHED",
        settings=named,
        validation=dict(enumerate(validation)),
        test=dict(enumerate(test)),
        seconds=2.0,
        test_images=10_000,
        command=f"python -m nnexp.run eta={named['eta']}",
    )


def ending(accuracy: float, **settings: Any) -> Trial:
    """A run of one epoch that ends so, on validation and on test."""
    return trial((0.1, accuracy), (0.1, accuracy), **settings)


def swept(*names: str, values: int = 2, seeds: int = 3) -> Comparison:
    """A grid over these settings; each step is a point better, and the seeds differ a little."""
    noise = np.random.default_rng(0)
    cells = itertools.product(*[range(1, values + 1)] * len(names), range(seeds))
    return compare(
        "a sweep",
        [
            ending(
                0.9 + 0.01 * sum(cell[:-1]) + noise.normal(0, 0.0005), **dict(zip((*names, "seed"), cell, strict=True))
            )
            for cell in cells
        ],
    )
