"""Every combination of values, in an order at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from nnexp.component import or_none, setting, whole
from nnexp.study.samplers.base import MOST, Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class Grid(Sampler):
    """Every combination of values that are listed, in an order at random, so that it may be stopped early."""

    kind: str = "grid"
    trials: Optional[int] = setting(  # noqa: UP045  # OmegaConf reads annotations at run time
        None, help="how many settings to try; null: all there are", rule=or_none(whole(1, MOST)), counts=False
    )

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        from optuna.samplers import GridSampler

        sampler = GridSampler(values, seed=self.seed)
        sampler.after_trial = lambda *told: None  # Optuna's would stop a loop that there is not
        return sampler

    def conflicts(self) -> list[str]:
        return [each for each in super().conflicts() if not each.startswith("search.trials")]
