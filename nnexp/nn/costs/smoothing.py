"""Label smoothing: targets that ask for a little less than certainty."""

from __future__ import annotations

from typing import Any

from nnexp.component import number, setting
from nnexp.nn.arrays import Number


def smoothing() -> Any:
    """The setting that says how much; runs from before there was one had none."""
    words = "label smoothing: what share of a target is spread evenly over its classes (yes and no, of a sigmoid)"
    return setting(0.0, help=words, rule=number(least=0, below=1), since=0.0)


def smoothed(y: Number, share: float, classes: Number) -> Number:
    """(1 - share) y + share / classes.

    Source: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, Rethinking the Inception architecture for computer vision, 2016,
    section 7.
    """
    return (1 - share) * y + share / classes if share else y
