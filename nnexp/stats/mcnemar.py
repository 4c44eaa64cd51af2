"""Two networks on the same test images: whether the one is right more often than chance explains.

It asks whether these two networks would differ on other images; a test over seeds asks whether other networks of these
settings would differ on these images. Q. McNemar, Note on the sampling error of the difference between correlated
proportions or percentages, Psychometrika 12 (1947).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special


@dataclass(frozen=True)
class McNemar:
    """only_a, only_b: how many images the one gets right and the other does not. p: two-sided, of the exact test."""

    only_a: int
    only_b: int
    p: float


def mcnemar(a_right: npt.NDArray[np.bool_], b_right: npt.NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test. a_right, b_right: (images,), whether each is right.

    p is 1 if they are right and wrong on the same images. Raises `ValueError` for other shapes.
    """
    if a_right.shape != b_right.shape or a_right.ndim != 1:
        raise ValueError(f"a_right, b_right: got shapes {a_right.shape} and {b_right.shape}, expected (images,) twice")
    a, b = a_right.astype(bool), b_right.astype(bool)
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    one_side = float(special.bdtr(min(only_a, only_b), only_a + only_b, 0.5))  # scipy.stats takes long to import
    return McNemar(only_a, only_b, min(1.0, 2 * one_side))
