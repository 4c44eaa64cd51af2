"""The curves of many runs at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isnan

from nnexp.tracking.mlflow.database import database_of, points_in
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.run_store import Curves

REQUESTS = 8  # to a server at the same time


def histories(store: Store, run_ids: Sequence[str], metrics: Sequence[str]) -> dict[str, Curves]:
    """Each metric's value by epoch, in order, for each of the runs: `["test_accuracy"][run_id][epoch]`.

    NaN is left out.
    """
    curves: dict[str, Curves] = {metric: {run_id: {} for run_id in run_ids} for metric in metrics}
    for metric, run_id, epoch, value in _points(store, run_ids, metrics):
        if not isnan(value):
            curves[metric][run_id][epoch] = value
    return {
        metric: {run: dict(sorted(curve.items())) for run, curve in runs.items()} for metric, runs in curves.items()
    }


def _points(store: Store, run_ids: Sequence[str], metrics: Sequence[str]) -> Iterator[tuple[str, str, int, float]]:
    """(metric, run, epoch, value).

    MLflow's client asks for one run's metric at a time, which takes half a minute for 1,000 runs; so a database is
    asked as MLflow's own store does it, and a server several times at once.
    """
    if database := database_of(store.client):
        yield from points_in(database, run_ids, metrics)
        return
    wanted = [(metric, run_id) for metric in metrics for run_id in run_ids]
    with ThreadPoolExecutor(REQUESTS) as threads:
        for (metric, run_id), points in zip(
            wanted, threads.map(lambda each: store.client.get_metric_history(each[1], each[0]), wanted), strict=True
        ):
            yield from ((metric, run_id, point.step, point.value) for point in points)
