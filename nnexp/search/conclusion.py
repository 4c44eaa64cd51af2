"""The end of a search: what it has found, told, and written into its summary run."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnexp.compare.comparison import Comparison
from nnexp.config.schema import flat
from nnexp.errors import ConfigError
from nnexp.runner.job import Job
from nnexp.search.dimensions import Interval
from nnexp.search.plan import SearchPlan
from nnexp.search.searched import Searched
from nnexp.search.trial import SearchTrial, State
from nnexp.study.trials import Asked
from nnexp.tracking.chosen import CHOSEN_TEST, EPOCHS_DONE, VALIDATION
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.tracking.recording import SweepSummary
    from nnexp.tracking.run_store import StoredRun

log = logging.getLogger(__name__)

STATES: dict[str, State] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running"}


def searched(plan: SearchPlan, trials: Sequence[Asked], confirmed: Comparison | None = None) -> Searched:
    """The search as it stands. confirmed: what became of the best by fresh seeds, if that was asked."""
    jobs = {trial.number: _jobs(plan, trial) for trial in trials}
    runs = plan.store.find_all([job.key for of_trial in jobs.values() for job in of_trial]) if plan.store else {}
    curves = plan.store.curves([run.id for run in runs.values()], (VALIDATION,))[VALIDATION] if plan.store else {}
    logarithmic = (each.name for each in plan.space.dimensions if isinstance(each, Interval) and each.log)
    return Searched(
        name=plan.name,
        objectives=plan.objectives,
        space=plan.space.in_words,
        logarithmic=frozenset(logarithmic),
        trials=[_trial(trial, jobs[trial.number], runs, curves) for trial in trials],
        full_epochs=plan.default.epochs,
        default={name: value for name, value in flat(plan.default).items() if name in plan.over},
        sampler=plan.sampler.kind,
        prune=plan.sampler.prune,
        confirmation=confirmed,
    )


def _jobs(plan: SearchPlan, trial: Asked) -> list[Job]:
    """The runs that the trial has had; none if its settings don't go together."""
    try:
        return [plan.job(trial, seed) for seed in plan.seeds[: len(trial.results) or 1]]
    except ConfigError:
        return []


def _trial(
    trial: Asked, jobs: Sequence[Job], stored: Mapping[str, StoredRun], curves: Mapping[str, Mapping[int, float]]
) -> SearchTrial:
    runs = [stored[job.key] for job in jobs if job.key in stored]
    settings: dict[str, Any] = flat(jobs[0].config) if jobs else dict(trial.suggested)
    tests = [run.metrics[CHOSEN_TEST] for run in runs if CHOSEN_TEST in run.metrics]
    return SearchTrial(
        number=trial.number,
        settings={name: settings[name] for name in trial.suggested},
        state=STATES[trial.state],
        values=tuple(trial.values),
        seeds=len(trial.results),
        test=sum(tests) / len(tests) if tests else None,
        epochs=sum(round(run.metrics.get(EPOCHS_DONE, 0)) for run in runs),
        curve=curves.get(runs[0].id, {}) if runs else {},
        runs=tuple(run.id for run in runs),
    )


def conclude(
    plan: SearchPlan,
    trials: Sequence[Asked],
    confirmed: Comparison | None,
    summary: SweepSummary | None,
    status: Status,
    typed: Sequence[str],
) -> None:
    """Tell what was found, and write it into the summary."""
    found = searched(plan, trials, confirmed)
    for trial in found.ranked[:10]:
        log.info("%s", trial)
