"""An MLflow store by its address, for who has no use for MLflow before it answers."""

from __future__ import annotations

from collections.abc import Callable

from nnexp.tracking.mlflow.store import load_for, open_store
from nnexp.tracking.run_store import RunStore


def opened_at(uri: str, experiment: str, loaded: Callable[[], object] = lambda: None) -> RunStore:
    """The store at this address, with the experiment, which is made if it is not there.

    loaded: is called when MLflow is imported, and before anybody is asked.
    """
    load_for(uri)
    from nnexp.tracking.mlflow.run_store import MLflowRuns  # imports MLflow, which is prepared by now

    loaded()
    return MLflowRuns(open_store(uri, experiment))
