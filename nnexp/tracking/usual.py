"""Which run store is meant, by an address or by what there is in the current folder."""

from __future__ import annotations

import os
from pathlib import Path

from nnexp.errors import UsageError
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.stores.base import EXPERIMENT
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow


def tracking_at(uri: str | None = None, experiment: str = EXPERIMENT) -> MLflow | Folder:
    """The choice of `tracking` that is meant.

    A folder of runs by its path, or the usual one where nothing says that there is an MLflow store.
    """
    found = Folder(path=uri or USUAL)
    if not found.is_there or (not uri and has_mlflow()):
        return MLflow(uri=uri, experiment=experiment)
    if experiment != EXPERIMENT:
        raise UsageError(f"--experiment: got {experiment!r}, but {found.path} is a folder of runs, which has none")
    return found


def has_mlflow() -> bool:
    """Whether something says that there is an MLflow store."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or Path("mlflow.db").exists()
