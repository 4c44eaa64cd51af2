"""Which runs are meant, and what the store knows of them, as trials."""

from __future__ import annotations

from collections.abc import Sequence

from nnexp.comparison.trial import Trial
from nnexp.errors import UsageError
from nnexp.printable import visible
from nnexp.tracking.lookup import run_called, sweep_called
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import COMMAND, DATA_SHA256, SUMMARY

CURVES = ("validation_accuracy", "test_accuracy")
NO_DIFFERENCE = "monitor"  # counts for what a run measures, not for what comes of it


def meant(store: RunStore, names: Sequence[str]) -> tuple[str, RunStore, list[StoredRun]]:
    """What to compare: its title, the store that is open on its experiment, and its runs.

    names: none for all runs of the experiment; the name of a sweep, or of its summary; that of an experiment; or ids of
    runs, which may be shortened. `UsageError` for anything else.
    """
    if not names:
        return "all runs", store, store.search()
    if len(names) == 1:
        name = names[0]
        if members := store.members(name):
            return f"sweep {visible(name)}", store, members
        if name in store.experiments():
            other = store.other(name)
            return f"experiment {visible(name)}", other, other.search()
        if sweep := _summed_up_by(store, name) or sweep_called(store, name):
            return f"sweep {visible(sweep)}", store, store.members(sweep)
    try:
        runs = {run.id: run for run in (run_called(store, name) for name in names)}
    except UsageError as error:
        listed = ", ".join(dict.fromkeys(run.tags[SUMMARY] for run in store.summaries())) or "none"
        experiments = ", ".join(store.experiments()) or "none"
        raise UsageError([*error.lines, f"sweeps: {listed}; experiments: {experiments}"]) from None
    title = f"{len(runs)} runs" if len(runs) > 1 else f"run {next(iter(runs))[:8]}"
    return title, store, list(runs.values())


def _summed_up_by(store: RunStore, run_id: str) -> str:
    """The sweep whose summary's id begins so; empty if there is none."""
    return next((run.tags[SUMMARY] for run in store.summaries() if run.id.startswith(run_id)), "")


def trials(store: RunStore, runs: Sequence[StoredRun]) -> list[Trial]:
    """The runs as trials, with their curves; what others may have written into the store can't act on a terminal."""
    curves = store.curves([run.id for run in runs], CURVES)
    validation, test = (curves[metric] for metric in CURVES)
    changed = _data_that_changed(runs)
    return [_trial(run, validation[run.id], test[run.id], changed) for run in runs]


def _trial(run: StoredRun, validation: dict[int, float], test: dict[int, float], changed: set[str]) -> Trial:
    settings = {name: value for name, value in run.settings.items() if name != NO_DIFFERENCE}
    if settings.get("data") in changed:
        settings["data"] = f"{settings['data']} {_sha(run)[:8]}"
    return Trial(
        id=run.id,
        name=visible(run.name),
        status="PRUNED" if run.pruned_by else run.status,
        settings=settings,
        validation=validation,
        test=test,
        seconds=run.metrics.get("train_seconds"),
        started=run.started,
        test_images=run.test_examples,
        command=visible(run.tags.get(COMMAND, "")),
    )


def _sha(run: StoredRun) -> str:
    return run.tags.get(DATA_SHA256, "")


def _data_that_changed(runs: Sequence[StoredRun]) -> set[str]:
    """The sources of data, such as npz, that did not give the same data to all of the runs."""
    seen: dict[str, set[str]] = {}
    for run in runs:
        seen.setdefault(run.params.get("data", ""), set()).add(_sha(run))
    return {source for source, hashes in seen.items() if len(hashes) > 1}
