"""The runs that meet a condition, whichever store they are in."""

from __future__ import annotations

from nnexp.sweeps.exclusions import Condition
from nnexp.tracking.run_facts import facts
from nnexp.tracking.run_store import RunStore, StoredRun


def matching(store: RunStore, condition: str, status: str = "") -> list[StoredRun]:
    """The runs that meet the condition: in MLflow's words, or in those of sweep.exclude where the store has none.

    status: that they must have, if any. Raises `UsageError` for a condition that can't be read.
    """
    if store.filters or not condition:
        return store.search(condition, status)
    meets = Condition(condition, "filter")
    return [run for run in store.search(status=status) if meets.holds({**facts(run), **run.settings})]
