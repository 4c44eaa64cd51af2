"""NSGA-II: K. Deb and others, A Fast and Elitist Multiobjective Genetic Algorithm, IEEE Trans. Evol. Comp. 6, 2002."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.component import setting, whole
from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class NSGA2(Sampler):
    """Generations of settings, crossed and mutated: for several objectives."""

    kind: str = "nsga2"
    population: int = setting(20, help="trials in a generation", rule=whole(2), counts=False)

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        from optuna.samplers import NSGAIISampler

        return NSGAIISampler(seed=self.seed_of(number), population_size=self.population)
