"""An MLflow store by its address, for who has no use for MLflow before it answers."""

from __future__ import annotations

from nnexp.tracking.mlflow.store import open_store
from nnexp.tracking.run_store import RunStore


def opened_at(uri: str, experiment: str) -> RunStore:
    """The store at this address, with the experiment, which is made if it is not there."""
    store = open_store(uri, experiment)
    from nnexp.tracking.mlflow.run_store import MLflowRuns  # imports MLflow, which opening has prepared

    return MLflowRuns(store)
