"""Which runs are meant, and what the store knows of them, as trials."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nnexp.compare.trial import Trial
from nnexp.errors import UsageError
from nnexp.printable import visible
from nnexp.tracking.contract import members_filter
from nnexp.tracking.mlflow.histories import histories
from nnexp.tracking.mlflow.runs import SUMMARY, StoredRun, run_called, search, summaries, sweep_called
from nnexp.tracking.mlflow.store import Store, experiments, open_store

CURVES = ("validation_accuracy", "test_accuracy")
NO_DIFFERENCE = "monitor"  # counts for what a run measures, not for what comes of it


def meant(store: Store, names: Sequence[str]) -> tuple[str, Store, list[StoredRun]]:
    """What to compare: its title, the store that is open on its experiment, and its runs.

    names: none for all runs of the experiment; the name of a sweep, or of its summary; that of an experiment; or ids of
    runs, which may be shortened. `UsageError` for anything else.
    """
    if not names:
        return "all runs", store, search(store)
    if len(names) == 1:
        name = names[0]
        if members := _members(store, name):
            return f"sweep {visible(name)}", store, members
        if name in experiments(store):
            other = open_store(store.uri, name, make=False)
            return f"experiment {visible(name)}", other, search(other)
        if sweep := _summed_up_by(store, name) or sweep_called(store, name):
            return f"sweep {visible(sweep)}", store, _members(store, sweep)
    try:
        runs = {run.id: run for run in (run_called(store, name) for name in names)}
    except UsageError as error:
        listed = ", ".join(dict.fromkeys(run.tags[SUMMARY] for run in summaries(store))) or "none"
        raise UsageError([*error.lines, f"sweeps: {listed}; experiments: {', '.join(experiments(store))}"]) from None
    title = f"{len(runs)} runs" if len(runs) > 1 else f"run {next(iter(runs))[:8]}"
    return title, store, list(runs.values())


def _members(store: Store, sweep: str) -> list[StoredRun]:
    """The sweep's runs; none if there is no such sweep."""
    return search(store, members_filter(sweep)) if sweep and set(sweep).isdisjoint("`'\"") else []


def _summed_up_by(store: Store, run_id: str) -> str:
    """The sweep whose summary's id begins so; empty if there is none."""
    return next((run.tags[SUMMARY] for run in summaries(store) if run.id.startswith(run_id)), "")


def trials(store: Store, runs: Sequence[StoredRun]) -> list[Trial]:
    """The runs as trials, with their curves; what others may have written into the store can't act on a terminal."""
    curves = histories(store, [run.id for run in runs], CURVES)
    validation, test = (curves[metric] for metric in CURVES)
    changed = _data_that_changed(runs)
    return [_trial(run, validation[run.id], test[run.id], changed) for run in runs]


def _trial(run: StoredRun, validation: dict[int, float], test: dict[int, float], changed: set[str]) -> Trial:
    info, data = run.run.info, run.run.data
    settings = {name: value for name, value in run.settings.items() if name != NO_DIFFERENCE}
    if settings.get("data") in changed:
        settings["data"] = f"{settings['data']} {_sha(run)[:8]}"
    return Trial(
        id=run.id,
        name=visible(str(info.run_name)),
        status=str(info.status),
        settings=settings,
        validation=validation,
        test=test,
        seconds=data.metrics.get("train_seconds"),
        started=info.start_time / 1000,
        test_images=_test_images(run),
        command=visible(run.tags.get("nnexp.command", "")),
    )


def _sha(run: StoredRun) -> str:
    return run.tags.get("nnexp.data.sha256", "")


def _data_that_changed(runs: Sequence[StoredRun]) -> set[str]:
    """The sources of data, such as npz, that did not give the same data to all of the runs."""
    seen: dict[str, set[str]] = {}
    for run in runs:
        seen.setdefault(run.run.data.params.get("data", ""), set()).add(_sha(run))
    return {source for source, hashes in seen.items() if len(hashes) > 1}


def _test_images(run: StoredRun) -> int:
    """How many test examples its data had; 0 if it does not say."""
    inputs = run.run.inputs.dataset_inputs if run.run.inputs else []
    profile: Mapping[str, Any] = json.loads(inputs[0].dataset.profile or "{}") if inputs else {}
    return int(profile.get("test", 0))
