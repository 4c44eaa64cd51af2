"""Deleting files of ours from among a run's artifacts, which MLflow's client can't, but its artifact stores can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.entities import FileInfo, Run

    from nnexp.tracking.mlflow.store import Store


def forget(store: Store, run: Run, listed: Iterable[FileInfo]) -> None:
    """Delete these of the run's artifacts, as MLflow has listed them; folders are left alone."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=store.uri)
    for file in listed:
        if not file.is_dir:
            repository.delete_artifacts(file.path)
