"""Tree-structured Parzen estimator: J. Bergstra and others, Algorithms for Hyper-Parameter Optimization, NIPS 2011."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.component import setting, whole
from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class TPE(Sampler):
    """Settings that are more like the good trials than like the others (a tree of Parzen estimators)."""

    kind: str = "tpe"
    startup: int = setting(10, help="trials at random before it begins to choose", rule=whole(0), counts=False)

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        from optuna.samplers import TPESampler

        return TPESampler(seed=self.seed_of(number), n_startup_trials=self.startup, constant_liar=True)
