"""The velocity that weights keep from step to step, and the step that looks ahead of it.

Source: Nielsen, chapter 3, equations 107 and 108; Sutskever, Martens, Dahl, Hinton, On the importance of initialization
and momentum in deep learning, 2013, equations 1 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import number, setting
from nnexp.nn.arrays import Number


@dataclass
class HasVelocity:
    """What optimisers with a velocity have in common: the setting, what is kept, and how far steps go in the end."""

    momentum: float = setting(
        0.9, help="how much of its velocity a weight keeps from step to step", rule=number(least=0, below=1)
    )
    keeps: ClassVar[tuple[str, ...]] = ("velocity",)

    @property
    def gain(self) -> float:
        return 1 / (1 - self.momentum)


def gained(velocity: Number, w: Number, g: Number, eta: float, shrink: float, momentum: float) -> Number:
    """The velocity after a gradient g; what a penalty shrinks w by goes into it, too."""
    return momentum * velocity - eta * g - (1 - shrink) * w


def ahead(velocity: Number, w: Number, g: Number, eta: float, shrink: float, momentum: float) -> Number:
    """Where that velocity leads from w, and then the next one as far as it is known: w' = w + momentum v' - eta g."""
    return w + momentum * velocity - eta * g - (1 - shrink) * w
