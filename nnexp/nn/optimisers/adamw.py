"""AdamW: Adam's steps, and weights that decay beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import number, setting
from nnexp.nn.arrays import Array, Number
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.means import corrections, moved, updated

SHARE = number(least=0, below=1)


@dataclass
class AdamW(Optimiser):
    """w' = (1 - eta decay) w - eta m / (sqrt(v) + epsilon), m and v as in Adam.

    `decay` is decoupled: it is no penalty, is no part of the cost, and goes past both means, so that every weight and
    bias shrinks at the same pace. In plain gradient descent it would be `regulariser=l2` with lmbda = decay n, n the
    training examples; in Adam that penalty's gradient goes into both means instead, and weights whose gradients are
    large shrink least. So `adamw` goes with `regulariser=none`; with another one, its penalty is treated as in Adam.
    Source: Loshchilov, Hutter, Decoupled weight decay regularization, 2019, algorithm 2, with the schedule in eta.
    """

    beta1: float = setting(0.9, help="how much of the mean of g is kept from step to step", rule=SHARE)
    beta2: float = setting(0.999, help="how much of the mean of g^2 is kept from step to step", rule=SHARE)
    epsilon: float = setting(1e-8, help="what keeps a step small where the gradient is almost 0", rule=number(above=0))
    decay: float = setting(0.01, help="how fast weights shrink: by eta decay in a step", rule=number(least=0))
    kind: str = "adamw"
    keeps: ClassVar[tuple[str, ...]] = ("mean", "square")

    def numbers(self, t: Array) -> tuple[Array, ...]:
        return corrections(self.beta1, self.beta2, t)

    def step(self, w: Number, g: Number, eta: float, shrink: float, *others: Number) -> tuple[Number, ...]:
        means = updated(self.beta1, self.beta2, others[:2], g + (1 - shrink) / eta * w)
        return moved((1 - eta * self.decay) * w, eta, self.epsilon, means, others[2:]), *means
