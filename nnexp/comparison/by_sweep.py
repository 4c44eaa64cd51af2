"""The comparison of stored runs, and of each sweep among them: what a sweep shows may be lost among other runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.load import trials
from nnexp.comparison.trial import Trial
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import member

MOST = 8  # sweeps: each asks the store once more


def compared(title: str, store: RunStore, runs: Sequence[StoredRun]) -> Comparison:
    """The comparison of these runs, and of the sweeps that they are made of; `UsageError` if none has finished."""
    found = trials(store, runs)
    return replace(compare(title, found), sweeps=dict(_sweeps(store, runs, found)))


def _sweeps(store: RunStore, runs: Sequence[StoredRun], found: Sequence[Trial]) -> Iterator[tuple[str, Comparison]]:
    """Each sweep whose runs are all among these, but are not all of these, by name, in the order of the runs."""
    by_id = {trial.id: trial for trial in found}
    tags = dict.fromkeys(tag for run in runs for tag in run.tags if tag.startswith(member("")))
    for name in [tag.removeprefix(member("")) for tag in tags][:MOST]:
        ids = {run.id for run in store.members(name)}
        of_sweep = [trial for run_id, trial in by_id.items() if run_id in ids]
        if len(of_sweep) == len(ids) < len(by_id) and any(trial.complete for trial in of_sweep):
            yield name, compare(f"sweep {name}", of_sweep)
