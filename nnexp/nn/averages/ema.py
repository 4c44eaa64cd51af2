"""The exponential moving average of weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nnexp.component import number, setting
from nnexp.nn.arrays import Array
from nnexp.nn.averages.base import Average


@dataclass
class Ema(Average):
    """The mean of the weights after all steps, one of t steps ago counted decay^t times as much as the last one.

    As such a mean it is free of where it began: it is what a' = decay a + (1 - decay) w gives from a = 0, divided by
    1 - decay^t. Source: Polyak, Juditsky, Acceleration of stochastic approximation by averaging, 1992, for averages of
    weights; Kingma, Ba, Adam, 2015, sections 3 and 7.2, for this one.
    """

    decay: float = setting(
        0.999, help="how much of the average is kept from step to step", rule=number(least=0, below=1)
    )
    kind: str = "ema"
    each: ClassVar[Literal["step"]] = "step"

    def share(self, t: Array) -> Array:
        return (1 - self.decay) / (1 - self.decay**t)
