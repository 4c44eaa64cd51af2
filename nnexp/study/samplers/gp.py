"""Gaussian process: J. Snoek, H. Larochelle and R. P. Adams, Practical Bayesian Optimization, NIPS 2012."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.component import setting, whole
from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class GP(Sampler):
    """Settings of which a Gaussian process expects most: slow to choose, for few and costly trials."""

    kind: str = "gp"
    startup: int = setting(10, help="trials at random before it begins to choose", rule=whole(0), counts=False)

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        from optuna.samplers import GPSampler

        return GPSampler(seed=self.seed_of(number), n_startup_trials=self.startup)

    def conflicts(self) -> list[str]:
        return [*super().conflicts(), *self.lacking("torch", "PyTorch: pip install torch")]
