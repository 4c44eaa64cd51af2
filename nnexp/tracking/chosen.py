"""What a run is judged by, as metrics of its own: the epoch that validation has chosen. Older runs have only curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.train.history import History
from nnexp.train.ranking import Rank, chosen_epoch, rank

VALIDATION, TEST = "validation_accuracy", "test_accuracy"
CHOSEN_BY = "best_validation_accuracy"
CHOSEN_EPOCH = "best_validation_epoch"
CHOSEN_TEST = "test_accuracy_at_best_validation"
EPOCHS_DONE = "epochs_done"
NO_STEP = 0  # MLflow's UI then shows a number as a bar, which compares runs; at a later step as a curve of one dot


def chosen_metrics(history: History) -> dict[str, float]:
    """The metrics that sum up a finished run: a store shows the last value of each, so these have to be their own."""
    chosen = history.chosen
    return {
        "train_seconds": sum(history.curve("epoch_seconds")[1]),
        CHOSEN_BY: chosen.metrics[VALIDATION],
        CHOSEN_EPOCH: float(chosen.epoch),
        CHOSEN_TEST: chosen.metrics[TEST],
        EPOCHS_DONE: float(history.epochs[-1].epoch),
    }


def summary_step(history: History, has_some: bool) -> int:
    """The step at which a store keeps the numbers that a run has once.

    has_some: from an earlier end, as a run has that was pruned and went on. Its new ones are then at its last epoch,
    for of each metric a store shows the value of the highest step.
    """
    return history.epochs[-1].epoch if has_some else NO_STEP


def metrics_of(store: RunStore, runs: Sequence[StoredRun]) -> dict[str, dict[str, float]]:
    """Each run's metrics, by its id: the last value of each."""
    known = {run.id: dict(run.metrics) for run in runs}
    older = [run_id for run_id, metrics in known.items() if CHOSEN_BY in metrics and CHOSEN_EPOCH not in metrics]
    curves = store.curves(older, (VALIDATION, TEST))
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
