"""A search's trials in Optuna's study: asked for one after the other, remembered at once, each told once.

What a sampler draws for a trial is a function of the study and the trial's number, so a search that was killed asks for
what it would have asked for. Beside what Optuna keeps, a trial has what was suggested, as words, and the results of
each seed: a trial that was cut short is the same trial again.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnexp.errors import UsageError, in_a_line
from nnexp.study.journal import storage
from nnexp.study.objectives import DIRECTIONS
from nnexp.study.pruners import PRUNERS
from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial, Trial

SUGGESTED, RESULTS, ABOUT, WHY = "suggested", "results", "about", "why"  # names of what is kept beside

STUMBLED = (AssertionError, AttributeError, KeyError, TypeError, ValueError)  # what Optuna makes of a strange journal


@dataclass
class Asked:
    """A trial: its number, from 0, its settings as words by name, and each objective's value by seed, so far.

    state: Optuna's word for how it stands: RUNNING, COMPLETE, PRUNED or FAIL. values: what was told, if it is complete.
    """

    number: int
    suggested: Mapping[str, str]
    results: dict[int, list[float]] = field(default_factory=dict)
    state: str = "RUNNING"
    values: Sequence[float] = ()
    why: str = ""


@dataclass(frozen=True)
class Drawing:
    """What a study needs to draw a trial: from what, and how.

    suggest: gives the words by name, from Optuna's trial. values: of settings that have choices. epochs: the most that
    a trial has.
    """

    sampler: Sampler
    suggest: Callable[[Trial | FrozenTrial], Mapping[str, str]]
    values: Mapping[str, Sequence[str]]
    epochs: int


class Trials:
    """The trials of one search.

    journal: the file; made if it is not there. name: of the study in it. about: what the search is over; `UsageError`
    if the study that is there is over something else.
    """

    def __init__(self, journal: Path, name: str, drawing: Drawing, about: Mapping[str, Any]) -> None:
        import optuna

        self._drawing, self._journal = drawing, journal
        sampler = drawing.sampler
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a class of Optuna's is experimental
                self._study = optuna.create_study(
                    study_name=name,
                    storage=storage(journal),
                    pruner=PRUNERS[sampler.prune](drawing.epochs),
                    directions=[DIRECTIONS[objective] for objective in sampler.objectives],
                    load_if_exists=True,
                )
        except STUMBLED as error:
            raise UsageError(f"{journal}: can't be read as a study ({in_a_line(error)})") from error
        known = self._study.user_attrs.get(ABOUT)
        if known is not None and not isinstance(known, dict):
            raise UsageError(f"{journal}: got {known!r} as what the study is about, expected settings")
        if known is None:
            self._study.set_user_attr(ABOUT, dict(about))
        elif different := [each for each in about if known.get(each) != about[each]]:
            told = "; ".join(f"{each}: {known.get(each)}, now {about[each]}" for each in different)
            raise UsageError(f"sweep.name: {name} is another search ({told}), expected another name")

    def all(self) -> list[Asked]:
        """Every trial, in the order of their numbers."""
        return list(map(self._asked, self._study.get_trials(deepcopy=False)))

    def __len__(self) -> int:
        return len(self._study.get_trials(deepcopy=False))

    def interrupted(self) -> list[Asked]:
        """Those that were asked for and never told, the first first."""
        running = [trial for trial in self._study.get_trials(deepcopy=False) if trial.state.name == "RUNNING"]
        return [self._asked(trial) if SUGGESTED in trial.user_attrs else self._again(trial) for trial in running]

    def ask(self) -> Asked:
        """The next trial."""
        self._study.sampler = self._sampler(len(self))
        return self._suggested(self._study.ask())

    def remember(self, trial: Asked, seed: int, values: Sequence[float]) -> None:
        """Keep what came of one of its seeds."""
        trial.results[seed] = list(values)
        self._keep(trial.number, RESULTS, {str(seed): values for seed, values in trial.results.items()})

    def tell(self, trial: Asked, values: Sequence[float]) -> None:
        """Say what the trial came to, a value for each objective."""
        self._study.tell(trial.number, list(values))

    def tell_pruned(self, trial: Asked, why: str) -> None:
        """Say that it was hopeless."""
        from optuna.trial import TrialState

        self._keep(trial.number, WHY, why)
        self._study.tell(trial.number, state=TrialState.PRUNED)

    def _sampler(self, number: int) -> BaseSampler:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a class of Optuna's is experimental
            return self._drawing.sampler.optuna(number, self._drawing.values)

    def _again(self, frozen: FrozenTrial) -> Asked:
        """A trial that was cut short before its settings were kept: the same are drawn."""
        from optuna.trial import Trial

        self._study.sampler = self._sampler(frozen.number)
        return self._suggested(Trial(self._study, frozen._trial_id))

    def _suggested(self, trial: Trial) -> Asked:
        suggested = dict(self._drawing.suggest(trial))
        trial.set_user_attr(SUGGESTED, suggested)
        return Asked(trial.number, suggested)

    def _keep(self, number: int, name: str, value: Any) -> None:
        trial_id = self._study.get_trials(deepcopy=False)[number]._trial_id
        self._study._storage.set_trial_user_attr(trial_id, name, value)

    def _asked(self, trial: FrozenTrial) -> Asked:
        """A trial as the journal has it; `UsageError` if it is not one of this search's.

        Its settings are those of its parameters, within the space, whatever the words beside them say: a journal may
        come from anywhere, and a word could choose a file or an address.
        """
        kept = trial.user_attrs
        try:
            suggested = self._suggested_before(trial) if SUGGESTED in kept else {}
            results = {int(seed): _finite(values) for seed, values in dict(kept.get(RESULTS, {})).items()}
            values = _finite(trial.values) if trial.state.name == "COMPLETE" else []
        except (ValueError, TypeError, KeyError, Warning) as error:
            raise UsageError(f"{self._journal}: trial {trial.number} is none of this search: {error}") from error
        return Asked(trial.number, suggested, results, trial.state.name, values, str(kept.get(WHY, "")))

    def _suggested_before(self, trial: FrozenTrial) -> dict[str, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # as which Optuna tells of a value that is out of range
            return dict(self._drawing.suggest(trial))


def _finite(values: Sequence[float]) -> list[float]:
    """The values; `ValueError` if one is no finite number."""
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
        raise ValueError(f"got {values}, expected finite numbers")
    return list(values)
