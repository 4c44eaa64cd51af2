"""What is stored, in Python: runs as a data frame, one of them with its network, several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nnexp.comparison.by_sweep import compared
from nnexp.comparison.load import meant
from nnexp.errors import UsageError
from nnexp.notebook.results import Compared, Run
from nnexp.runner.stored_result import stored_result
from nnexp.sweeps.matching import matching
from nnexp.tracking.chosen import CHOSEN_BY, CHOSEN_EPOCH, CHOSEN_TEST, metrics_of
from nnexp.tracking.lookup import run_called
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.stores.base import EXPERIMENT
from nnexp.tracking.usual import tracking_at

if TYPE_CHECKING:
    from pandas import DataFrame


def runs(condition: str = "", uri: str | None = None, experiment: str = EXPERIMENT) -> DataFrame:
    """A row for each run that is stored, the newest first: its settings, and the last value of each metric.

    condition: in the words of `nnexp runs --filter`. uri: of an MLflow store, or the path of a folder of runs; None:
    what the current folder has. Accuracies are from 0 to 1, `started` is in UTC.
    """
    from pandas import DataFrame

    if not isinstance(condition, str):
        raise UsageError(f"condition: got {condition!r}, expected a text such as \"params.cost = 'quadratic'\"")
    store = _store(uri, experiment)
    found = matching(store, condition)
    metrics = metrics_of(store, found)
    return DataFrame([_row(run, metrics[run.id]) for run in found])


def load(run: str | Run, best: bool = False, uri: str | None = None, experiment: str = EXPERIMENT) -> Run:
    """A run that is stored, with its network as it ended. run: what `train_run` gave, or the id, or its beginning.

    best: with the network of the epoch that was best on validation instead. uri: as for `runs`. Raises
    `nnexp.errors.UsageError` if there is no such run, or it has left no weights, `DataError` if they were changed.
    """
    run_id = _name(run)
    return Run(**vars(stored_result(run_called(_store(uri, experiment), run_id), best)))


def compare(*names: str | Run | Sequence[str | Run], uri: str | None = None, experiment: str = EXPERIMENT) -> Compared:
    """Runs side by side, those that differ only in their seed as one setting, and which setting is better.

    names: of a sweep, or of an experiment, or ids of runs, one by one or as a list; none: all runs. uri: as for `runs`.
    Raises `nnexp.errors.UsageError` for what is not there.
    """
    listed = [each for name in names for each in (name if isinstance(name, list | tuple) else [name])]
    wanted = [_name(each, "the name of a sweep, ") for each in listed]
    title, store, found = meant(_store(uri, experiment), wanted)
    return Compared(compared(title, store, found))


def _name(run: object, other: str = "") -> str:
    """The id of a run, or the words that mean it."""
    if isinstance(run, Run) and run.run_id:
        return run.run_id
    if isinstance(run, str):
        return run
    found = "a run that is not remembered" if isinstance(run, Run) else repr(run)
    raise UsageError(f"run: got {found}, expected {other}the id of a run, such as 'ffb13c60', or what train_run gave")


def _store(uri: str | None, experiment: str) -> RunStore:
    return tracking_at(uri, experiment).open(make=False)


def _row(run: StoredRun, metrics: dict[str, float]) -> dict[str, Any]:
    """What is looked at first comes first."""
    facts = {"id": run.id, "name": run.name, "status": run.state}
    results = {name: metrics.get(name) for name in (CHOSEN_BY, CHOSEN_TEST, CHOSEN_EPOCH, "train_seconds")}
    started = datetime.fromtimestamp(run.started, tz=UTC)
    return {**facts, **results, "started": started, **run.settings, **metrics}
