"""The best that a search has found, tried once more by seeds that it has not seen.

The best of many trials is partly luck: it would not be the best otherwise. So it is run again, with seeds that had no
say in its choice, beside the next best and the default settings. That is an ordinary sweep, named after the search, and
what its comparison says is what the search has found.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnexp.config.schema import flat
from nnexp.identity import counts
from nnexp.runtime.memory import free_memory
from nnexp.search.plan import SearchPlan
from nnexp.search.space import SEED
from nnexp.study.objectives import DIRECTIONS
from nnexp.study.trials import Asked
from nnexp.sweep.job_outcomes import Places
from nnexp.sweep.plan import Composed, planned
from nnexp.sweep.run import sweep

if TYPE_CHECKING:
    from nnexp.compare.comparison import Comparison

log = logging.getLogger(__name__)

CANDIDATES = 2  # the best, and the next best


def best_first(trials: Sequence[Asked], objective: str) -> list[Asked]:
    """The complete trials of a search with one objective, those with the most seeds first, and among them the best."""
    sign = -1 if DIRECTIONS[objective] == "maximize" else 1
    done = [trial for trial in trials if trial.state == "COMPLETE"]
    return sorted(done, key=lambda trial: (-len(trial.results), sign * trial.values[0], trial.number))


def confirm(plan: SearchPlan, trials: Sequence[Asked], places: Places, typed: Sequence[str]) -> Comparison | None:
    """Run the best, the next best and the default settings with fresh seeds; gives their comparison.

    None where nothing is remembered to compare, or nothing is to be confirmed: with several objectives there is no
    best. places, typed: as of the search.
    """
    from nnexp.compare.comparison import compare
    from nnexp.compare.load import trials as trials_of

    if not plan.sampler.confirm or len(plan.objectives) > 1 or plan.store is None:
        return None
    if not (ranked := best_first(trials, plan.objectives[0])):
        return None
    name = f"{plan.name}-confirmed"
    log.info("confirming the best of %d trials by %d fresh seeds", len(trials), plan.sampler.confirm)
    composed = candidates(plan, ranked)
    over = _different(composed)
    sweep(planned(composed, name, over, free_memory()), places, typed)
    return compare(f"sweep {name}", trials_of(plan.store, plan.store.members(name)))


def candidates(plan: SearchPlan, ranked: Sequence[Asked]) -> list[Composed]:
    """The configurations to run: the best of different settings and the default ones, each with every fresh seed.

    ranked: the trials, best first.
    """
    fresh = range(max(plan.seeds) + 1, max(plan.seeds) + 1 + plan.sampler.confirm)
    distinct = list({tuple(trial.suggested.items()): trial for trial in reversed(ranked)}.values())[::-1]
    words = [plan.space.words(trial.suggested) for trial in distinct[:CANDIDATES]] + [plan.space.words({})]
    return [
        (plan.compose.config(each), each)
        for of_setting in words
        for seed in fresh
        for each in [[*of_setting, f"{SEED}={seed}"]]
    ]


def _different(composed: Sequence[Composed]) -> tuple[str, ...]:
    """The settings that tell the candidates apart, and the seed."""
    settings = [flat(config) for config, _ in composed]
    names = dict.fromkeys(name for each in settings for name in each if counts(name) and name != SEED)
    return (*(name for name in names if any(each.get(name) != settings[0].get(name) for each in settings)), SEED)
