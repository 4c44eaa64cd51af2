"""What stored runs have measured, the epoch that validation has chosen included: older runs tell it by their curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnexp.tracking.mlflow.histories import histories
from nnexp.tracking.mlflow.runs import StoredRun
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.ui.views import CHOSEN_BY, CHOSEN_EPOCH, CHOSEN_TEST
from nnexp.train.ranking import Rank, chosen_epoch, rank

VALIDATION, TEST = "validation_accuracy", "test_accuracy"


def metrics_of(store: Store, runs: Sequence[StoredRun]) -> dict[str, dict[str, float]]:
    """Each run's metrics, by its id: the last value of each."""
    known = {run.id: dict(run.run.data.metrics) for run in runs}
    older = [run_id for run_id, metrics in known.items() if CHOSEN_BY in metrics and CHOSEN_EPOCH not in metrics]
    curves = histories(store, older, (VALIDATION, TEST))
    for run_id in older:
        validation, test = curves[VALIDATION][run_id], curves[TEST][run_id]
        if validation and (epoch := chosen_epoch(validation)) in test:
            known[run_id] |= {CHOSEN_EPOCH: float(epoch), CHOSEN_TEST: test[epoch]}
    return known


def best_first(runs: Sequence[StoredRun], metrics: Mapping[str, Mapping[str, float]]) -> list[StoredRun]:
    """The runs, ranked, those without a result last. metrics: as from `metrics_of`."""

    def key(run: StoredRun) -> Rank:
        known = metrics[run.id]
        return rank(known.get(CHOSEN_BY), known.get(CHOSEN_EPOCH), run.settings)

    return sorted(runs, key=key)
