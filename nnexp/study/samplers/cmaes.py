"""CMA-ES: N. Hansen and A. Ostermeier, Completely Derandomized Self-Adaptation in Evolution Strategies, 2001."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.component import setting, whole
from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class CMAES(Sampler):
    """A normal distribution that moves and bends towards the good trials: for numbers; choices are drawn at random."""

    kind: str = "cmaes"
    startup: int = setting(5, help="trials at random before it begins to choose", rule=whole(1), counts=False)

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        from nnexp.study.replayed_cmaes import ReplayedCmaEs

        return ReplayedCmaEs(seed=self.seed_of(number), n_startup_trials=self.startup, warn_independent_sampling=False)

    def conflicts(self) -> list[str]:
        return [*super().conflicts(), *self.lacking("cmaes", "the package cmaes: pip install 'nnexp[search]'")]
