"""The curves of many runs at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isnan

from nnexp.tracking.mlflow.database import database_of, points_in
from nnexp.tracking.mlflow.private import ask
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.run_store import Curves

REQUESTS = 8  # to a server at the same time
BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"  # of MLflow's UI, seen to work in 3.17
RUNS_AT_ONCE, MOST_POINTS = 100, 25_000  # that it takes, and tells
SECONDS = 60.0  # for an answer


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
    asked as MLflow's own store does it, and a server as its UI does, a hundred runs at a time.
    """
    if database := database_of(store.client):
        yield from points_in(database, run_ids, metrics)
        return
    wanted = [(metric, some) for metric in metrics for some in _batches(run_ids)]
    left: list[tuple[str, str]] = []
    with ThreadPoolExecutor(REQUESTS) as threads:
        answers = threads.map(lambda each: _in_bulk(store, *each), wanted)
        for (metric, some), found in zip(wanted, answers, strict=True):
            yield from ((metric, *point) for point in found or ())
            left += [(metric, run_id) for run_id in some] if found is None else []
        histories = threads.map(lambda each: store.client.get_metric_history(each[1], each[0]), left)
        for (metric, run_id), points in zip(left, histories, strict=True):
            yield from ((metric, run_id, point.step, point.value) for point in points)


def _batches(run_ids: Sequence[str]) -> list[Sequence[str]]:
    return [run_ids[start : start + RUNS_AT_ONCE] for start in range(0, len(run_ids), RUNS_AT_ONCE)]


def _in_bulk(store: Store, metric: str, run_ids: Sequence[str]) -> list[tuple[str, int, float]] | None:
    """(run, epoch, value) of these runs; None where the server does not tell so, or not all of it."""
    try:
        answer = ask(store.uri, BULK, {"run_id": list(run_ids), "metric_key": metric}, SECONDS)
        points = answer.json()["metrics"] if answer.ok else None
        if points is None or len(points) >= MOST_POINTS:
            return None
        return [(str(point["run_id"]), int(point["step"]), float(point["value"])) for point in points]
    except Exception:  # of a server that is none of these; MLflow's client will say what is wrong
        return None
