"""What chooses the next trial's settings: the contract of `search=...`, and its settings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from nnexp.component import Component, number, one_of, or_none, setting, whole
from nnexp.study.objectives import DIRECTIONS, OBJECTIVES, VALIDATION
from nnexp.study.pruners import PRUNERS

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

MOST = 10**6


@dataclass
class Sampler(Component):
    """Chooses the settings of a search's trials; the work is Optuna's."""

    group = "search"

    trials: Optional[int] = setting(  # noqa: UP045  # OmegaConf reads annotations at run time
        50, help="how many settings to try; null: until the timeout", rule=or_none(whole(1, MOST)), counts=False
    )
    timeout: Optional[float] = setting(  # noqa: UP045
        None,
        help="seconds after which no further trial begins; null: none",
        rule=or_none(number(above=0)),
        counts=False,
    )
    seed: int = setting(0, help="of the sampler's own randomness", rule=whole(0), counts=False)
    seeds: int = setting(
        1,
        help="a trial's value is its mean over so many seeds of training; only those that may still win get them all",
        rule=whole(1, 100),
        counts=False,
    )
    confirm: int = setting(
        10,
        help="fresh seeds for the best, the next best and the default settings at the end; 0: none",
        rule=whole(0, 1000),
        counts=False,
    )
    objectives: list[str] = setting(
        [VALIDATION], help=f"what to look for: any of {', '.join(DIRECTIONS)}", rule=OBJECTIVES, counts=False
    )
    prune: str = setting(
        "none",
        help=f"what stops a hopeless trial in the middle: {', '.join(PRUNERS)}",
        rule=one_of(tuple(PRUNERS)),
        counts=False,
    )

    @property
    def searches(self) -> bool:
        """Whether it chooses at all."""
        return True

    @abstractmethod
    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        """Optuna's sampler, for one trial: what it draws is a function of the study and of (seed, number).

        number: of the trial. values: the choices of each setting that has such. Raises `UsageError` if a package that
        it needs is not installed.
        """

    def lacking(self, package: str, what: str) -> list[str]:
        """That a package is not installed. what: it is, and how to have it."""
        return [] if find_spec(package) else [f"search: got {self.kind}, which needs {what}"]

    def seed_of(self, number: int) -> int:
        """The seed of one trial's draws, so that a search that goes on needs no saved state of a generator."""
        return int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])

    def conflicts(self) -> list[str]:
        problems = self.lacking("optuna", "Optuna: pip install 'nnexp[search]'")
        if self.prune != "none" and len(self.objectives) > 1:
            problems.append(f"search.prune: got {self.prune!r} with several objectives, expected none: it weighs one")
        if self.trials is None and self.timeout is None:
            problems.append("search.trials: got null without search.timeout, expected one of them to end the search")
        return problems
