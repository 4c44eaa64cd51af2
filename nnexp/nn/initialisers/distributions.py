"""The distributions that first weights of a given variance may be drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnexp.component import one_of, setting
from nnexp.nn.arrays import Array

NORMAL, UNIFORM = "normal", "uniform"


def distribution(default: str) -> Any:
    """The setting that chooses one."""
    return setting(default, help="of weights, around 0: normal or uniform", rule=one_of((NORMAL, UNIFORM)))


def drawn(name: str, variance: float, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Numbers of the mean 0; uniform ones lie between -r and r, where r^2 = 3 variance."""
    if name == NORMAL:
        return rng.standard_normal(shape) * float(np.sqrt(variance))
    reach = np.sqrt(3 * variance)
    return rng.uniform(-reach, reach, shape)
