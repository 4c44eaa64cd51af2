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
from nnexp.launch.display import Display, display
from nnexp.runtime.memory import free_memory
from nnexp.searches.plan import SearchPlan
from nnexp.searches.searched import Searched
from nnexp.searches.space import SEED
from nnexp.sweeps.composed import Composed
from nnexp.sweeps.job_outcomes import Places
from nnexp.sweeps.plan import planned
from nnexp.sweeps.run import sweep
from nnexp.tracking.tags import CONFIRMED

if TYPE_CHECKING:
    from nnexp.comparison.comparison import Comparison

log = logging.getLogger(__name__)


def confirm(
    plan: SearchPlan, found: Searched, places: Places, typed: Sequence[str], shown: Display = display
) -> Comparison | None:
    """Run the best, the next best and the default settings with fresh seeds; gives their comparison.

    None where nothing is remembered to compare, or nothing is to be confirmed: with several objectives there is no
    best. places, typed, shown: as of the search, whose workers do the jobs.
    """
    from nnexp.comparison.comparison import compare
    from nnexp.comparison.load import trials as trials_of

    if not plan.sampler.confirm or found.several or plan.store is None or found.best is None:
        return None
    name = plan.name + CONFIRMED
    log.info("confirming the best of %d trials by %d fresh seeds", len(found.trials), plan.sampler.confirm)
    composed = candidates(plan, found)
    over = _different(composed)
    confirming = planned(composed, name, over, free_memory())
    sweep(confirming, places, typed, told=False, shown=shown, workers_of=plan.name)
    runs = plan.store.find_all([job.key for job in confirming.jobs])  # the sweep may have an earlier runner-up's, too
    return compare(f"sweep {name}", trials_of(plan.store, list(runs.values())))


def candidates(plan: SearchPlan, found: Searched) -> list[Composed]:
    """The configurations to run: the best, the next best and any default settings, each with every fresh seed."""
    fresh = range(max(plan.seeds) + 1, max(plan.seeds) + 1 + plan.sampler.confirm)
    settings = [trial.suggested for trial in (found.best, found.runner_up) if trial] + [{}] * (plan.default is not None)
    words = [plan.space.words(suggested) for suggested in settings]
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
