"""Where a sweep goes on: what the store knows of its jobs, before it begins and after it was cut short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnexp.config.schema import flat
from nnexp.errors import ConfigError
from nnexp.runner.job import Job
from nnexp.runner.result import Outcome, State
from nnexp.runner.resume import join
from nnexp.tracking.chosen import CHOSEN_BY, CHOSEN_EPOCH, CHOSEN_TEST, metrics_of

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore, StoredRun

STATES: dict[str, State] = {"FINISHED": "done", "KILLED": "killed", "FAILED": "failed", "RUNNING": "running"}


def known_runs(jobs: Sequence[Job], store: RunStore | None, resume: str) -> dict[str, StoredRun]:
    """What the store knows of the jobs, by key; raises `ConfigError` if it is required to know all."""
    if store is None or resume == "never":
        return {}
    known = store.find_all([job.key for job in jobs])
    missing = [job.name for job in jobs if job.key not in known]
    if resume == "require" and missing:
        raise ConfigError([f"resume: got 'require', but there is no run {name}" for name in missing])
    return known


def outcomes_before(jobs: Sequence[Job], store: RunStore | None, known: Mapping[str, StoredRun]) -> dict[str, Outcome]:
    """What earlier commands have made of each job, by key."""
    metrics = metrics_of(store, list(known.values())) if store else {}
    outcomes = {job.key: Outcome(job.varying, "to do") for job in jobs}
    return outcomes | {key: stored(outcomes[key].varying, run, metrics[run.id]) for key, run in known.items()}


def claim(jobs: Sequence[Job], known: Mapping[str, StoredRun]) -> None:
    """Tag the runs of these jobs, which earlier commands have made, as this sweep's too."""
    for job in jobs:
        join(known[job.key], job.membership, flat(job.config))


def looked_up_again(job: Job, outcome: Outcome, store: RunStore) -> Outcome:
    """What became of a job that did not come back with a result; its run does not go on saying RUNNING."""
    run = store.find(job.key)
    if run and run.dead:
        store.set_status(run.id, "KILLED")
        run = store.find(job.key)
    if run is None:
        return outcome
    now = stored(job.varying, run, metrics_of(store, [run])[run.id])
    return replace(now, state="failed") if outcome.state == "failed" else now


def stored(varying: dict[str, Any], run: StoredRun, metrics: Mapping[str, float]) -> Outcome:
    """What the store knows of a job's run. metrics: of the run, by name."""
    epoch = metrics.get(CHOSEN_EPOCH)
    return Outcome(
        varying,
        "pruned" if run.pruned_by else STATES.get(run.status, "to do"),
        None if epoch is None else round(epoch),
        metrics.get(CHOSEN_BY),
        metrics.get(CHOSEN_TEST),
        metrics.get("train_seconds"),
        run.id,
    )
