"""A group of runs that differ in nothing but the seed: a setting, and how good it is over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nnexp.comparison.trial import Trial
from nnexp.config.naming import word
from nnexp.formats import value_text
from nnexp.nn.arrays import Array
from nnexp.stats.estimate import Estimate, estimate
from nnexp.train.ranking import Rank, rank


@dataclass(frozen=True)
class Group:
    """Runs with the same settings, one for each seed.

    varying: the settings that tell it from other groups. trials: in the order of their seeds.
    """

    varying: Mapping[str, Any]
    trials: Sequence[Trial]

    @cached_property
    def name(self) -> str:
        """What it is called, `eta=3 784-100-10`, without the settings of choices that it has not made."""
        said = [name for name, value in self.varying.items() if value is not None or not self._of_a_choice(name)]
        return " ".join(word(name, dict(self.varying)) for name in said)

    def text(self, name: str) -> str:
        """The value of a setting that differs, short; `-` for one that what it has chosen has not got."""
        value = self.varying[name]
        return "-" if value is None and self._of_a_choice(name) else value_text(value)

    @cached_property
    def validation(self) -> Estimate:
        """The best validation accuracy, over seeds."""
        return self._over_seeds(lambda trial: trial.best_validation)

    @cached_property
    def test(self) -> Estimate:
        """The test accuracy in the epoch that validation has chosen, over seeds."""
        return self._over_seeds(lambda trial: trial.chosen_test)

    @cached_property
    def last_test(self) -> Estimate:
        """The test accuracy after the last epoch, over seeds."""
        return self._over_seeds(lambda trial: trial.last_test)

    @cached_property
    def epoch(self) -> Estimate:
        """The epoch that validation has chosen, over seeds."""
        return self._over_seeds(lambda trial: float(trial.epoch))

    @cached_property
    def seconds(self) -> Estimate | None:
        """Of training, over seeds; None if that is not known."""
        known = [trial.seconds for trial in self.trials if trial.seconds is not None]
        return estimate(known) if known else None

    @cached_property
    def curve(self) -> tuple[Array, Array, Array]:
        """Test accuracy over seeds: epochs that all runs have, but the untrained network; mean and sd in percent."""
        epochs = sorted(set.intersection(*(set(trial.test) for trial in self.trials)))
        shown = [epoch for epoch in epochs if epoch > 0] or epochs
        values = 100 * np.array([[trial.test[epoch] for epoch in shown] for trial in self.trials])
        sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(len(shown))
        return np.array(shown), values.mean(axis=0), sd

    @property
    def results(self) -> dict[int, float]:
        """The accuracy that is reported, by seed."""
        return {trial.seed: trial.chosen_test for trial in self.trials}

    @property
    def best(self) -> Trial:
        """The best of its runs, by validation."""
        return min(self.trials, key=lambda trial: trial.rank)

    @property
    def rank(self) -> Rank:
        """What sorts it among other groups: as for a run, with means over seeds."""
        return rank(self.validation.mean, self.epoch.mean, self.varying)

    def _of_a_choice(self, name: str) -> bool:
        """Whether it is a setting of a choice that differs too, and so is named."""
        group, below, _ = name.partition(".")
        return bool(below) and group in self.varying

    def _over_seeds(self, result: Callable[[Trial], float]) -> Estimate:
        return estimate([result(trial) for trial in self.trials])
