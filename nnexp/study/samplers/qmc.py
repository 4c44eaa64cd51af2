"""Quasi-Monte Carlo: points that fill the space evenly. I. M. Sobol', USSR Comp. Math. and Math. Phys. 7, 1967."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class QMC(Sampler):
    """A sequence that fills the space evenly (Sobol's, scrambled); choices that are no numbers are drawn at random."""

    kind: str = "qmc"

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        from optuna.samplers import QMCSampler, RandomSampler

        apart = RandomSampler(seed=self.seed_of(number))  # for what the sequence does not have
        return QMCSampler(scramble=True, seed=self.seed, independent_sampler=apart, warn_independent_sampling=False)
