"""A run as it is compared: its settings, its curves, and the results that it is chosen and judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnexp.train.ranking import Rank, chosen_epoch, rank

SEED = "seed"


@dataclass(frozen=True)
class Trial:
    """A run that is compared with others.

    status: as the store says it, FINISHED and so on, or PRUNED, of a run that a study has ended and that has too few
    epochs to be compared. settings: by name; those that can change a run's numbers. validation,
    test: accuracy (0 to 1) by epoch, where 0 is the untrained network. test_images: what `test` is a share of; 0 if
    that is not known. seconds: of training. started: unix time. command: makes it again.
    """

    id: str
    name: str
    status: str
    settings: Mapping[str, Any]
    validation: Mapping[int, float]
    test: Mapping[int, float]
    seconds: float | None = None
    started: float = 0.0
    test_images: int = 0
    command: str = ""

    @property
    def complete(self) -> bool:
        """Whether it has ended as it should and has results."""
        return self.status == "FINISHED" and bool(self.validation) and self.epoch in self.test

    @property
    def seed(self) -> int:
        """What its randomness came from."""
        return int(self.settings.get(SEED, 0))

    @cached_property
    def epoch(self) -> int:
        """The epoch that it is chosen by, and would be used from: the first with the best validation accuracy."""
        return chosen_epoch(self.validation)

    @property
    def rank(self) -> Rank:
        """What sorts it among other runs."""
        return rank(self.best_validation, self.epoch, self.settings)

    @property
    def best_validation(self) -> float:
        """The accuracy that choosing goes by."""
        return self.validation[self.epoch]

    @property
    def chosen_test(self) -> float:
        """The accuracy that is reported: on test examples, in the epoch that validation has chosen."""
        return self.test[self.epoch]

    @property
    def last_test(self) -> float:
        """Its test accuracy after the last epoch."""
        return self.test[max(self.test)]
