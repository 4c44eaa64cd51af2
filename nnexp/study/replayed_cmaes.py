"""Optuna's CMA-ES without its pickles: the distribution is worked out anew from the trials that made it.

Optuna keeps the distribution in the study as a pickle, which whoever can write the journal could replace by code to
run. Nothing of it is lost without: each generation's trials are in the study, and what they make of the distribution
before needs no random numbers.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from optuna._transform import _SearchSpaceTransform
from optuna.samplers import CmaEsSampler
from optuna.study import StudyDirection

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial


class ReplayedCmaEs(CmaEsSampler):  # type: ignore[misc]  # mypy does not look into Optuna
    """Draws what `CmaEsSampler` does; it overrides two of its private methods, as of Optuna 5."""

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        self._space, self._direction = search_space, study.direction
        drawn: dict[str, Any] = super().sample_relative(study, trial, search_space)
        return drawn

    def _restore_optimizer(self, completed_trials: list[FrozenTrial]) -> Any:
        """The distribution after each generation but the last, whose trials are told next; None in the first."""
        reached = max((trial.system_attrs.get(self._attr_key_generation, 0) for trial in completed_trials), default=0)
        if not reached:
            return None
        space = _SearchSpaceTransform(self._space, transform_step=True, transform_0_1=True)
        drawn = self._cma_rng.rng.get_state()
        optimizer = self._init_optimizer(space, self._direction)
        self._cma_rng.rng.set_state(drawn)  # as if it had not been made, but read
        sign = 1 if self._direction == StudyDirection.MINIMIZE else -1
        while optimizer.generation < reached:
            of_it = self._get_solution_trials(completed_trials, optimizer.generation)[: optimizer.population_size]
            optimizer.tell([(space.transform(trial.params), sign * (trial.value or 0.0)) for trial in of_it])
            optimizer = copy.copy(optimizer)  # which rounds it as keeping it would
        return optimizer

    def _split_optimizer_str(self, optimizer_str: str) -> dict[str, str]:
        """Nothing to keep."""
        return {}
