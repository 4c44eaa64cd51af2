"""Which settings of a search mattered, and how far that can be believed.

Two answers, to two questions. The first is ours (`nnexp.stats.importance`): how much of the variance among the trials
each setting explains on trials that were not seen. It says by itself how far to believe it, for noise explains nothing.
But a search crowds around what is good, so it is about those settings. The other is fANOVA (F. Hutter, H. Hoos and K.
Leyton-Brown, An efficient approach for assessing hyperparameter importance, ICML 2014), which Optuna works out: how
much of the variance of a forest's predictions over the whole space each setting alone makes. It is what others report,
and where a search has crowded it tells what the first can't. But its shares add up to nearly one whatever there is to
explain, in noise as well. So it is shown beside the first, and only where that explains `BELIEVED` of unseen trials: of
120 searches of 12, 30 and 60 random trials in which nothing mattered, none came to more than 0.20.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nnexp.formats import value_text
from nnexp.searches.searched import Searched
from nnexp.stats.anova import shares
from nnexp.stats.importance import FEWEST_RUNS, REST, importance
from nnexp.study.objectives import DIRECTIONS
from nnexp.train.ranking import is_number

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

BELIEVED = 0.25  # of the variance among unseen trials


@dataclass(frozen=True)
class Matters:
    """What each setting explains of an objective, as shares of the variance among trials, the largest first.

    trials: complete ones. shares: empty where nothing can be said. worked_out: whether they are an analysis of
    variance, as on a grid, which takes chance off by itself; else unseen trials have shown them. fanova: of the
    settings that all trials have; empty where it would not be believed.
    """

    objective: str
    trials: int
    shares: Mapping[str, float] = field(default_factory=dict)
    worked_out: bool = False
    fanova: Mapping[str, float] = field(default_factory=dict)

    @property
    def explained(self) -> float:
        """By all settings together."""
        return 1 - self.shares.get(REST, 1.0)

    @property
    def settings(self) -> list[str]:
        """From the one that matters most, by the shares."""
        return [name for name in self.shares if name != REST]


def matters(searched: Searched, which: int = 0) -> Matters:
    """For the objective of that number; fewer than ten complete trials say nothing."""
    objective, trials = searched.objectives[which], searched.complete
    if len(trials) < FEWEST_RUNS:
        return Matters(objective, len(trials))
    settings, values = [trial.settings for trial in trials], [trial.values[which] for trial in trials]
    worked_out = shares(settings, values) is not None
    found = Matters(objective, len(trials), importance(settings, values), worked_out)
    if found.explained < BELIEVED:
        return found
    return replace(found, fanova=_fanova(settings, values, DIRECTIONS[objective], searched.logarithmic))


def _fanova(
    settings: Sequence[Mapping[str, Any]], values: Sequence[float], direction: str, logarithmic: frozenset[str]
) -> dict[str, float]:
    """Optuna's, of the settings that all trials have; those on a logarithmic scale by their logarithms."""
    from optuna import create_study, logging
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances
    from optuna.trial import create_trial

    names = [name for name in settings[0] if all(name in each for each in settings)]
    columns = {name: _column([each[name] for each in settings], name in logarithmic) for name in names}
    distributions = {name: _distribution(column) for name, column in columns.items()}
    logging.set_verbosity(logging.WARNING)
    study = create_study(direction=direction)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    study.add_trials(
        [
            create_trial(params=row, distributions=distributions, value=value)
            for row, value in zip(rows, values, strict=True)
        ]
    )
    return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0)) if names else {}


def _column(values: Sequence[Any], logarithmic: bool) -> list[Any]:
    """Numbers as such, all else as words."""
    if not all(map(is_number, values)):
        return list(map(value_text, values))
    return [math.log(value) if logarithmic else float(value) for value in values]


def _distribution(column: Sequence[Any]) -> BaseDistribution:
    """What the column may have been drawn from: between its ends, or one of its words."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(column[0], str):
        return CategoricalDistribution(list(dict.fromkeys(column)))
    return FloatDistribution(min(column), max(column))
