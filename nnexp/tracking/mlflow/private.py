"""What nnexp needs of MLflow that is no part of its documented interface, seen to work in 3.17.

What is private to its database is in `database.py` and `database_rows.py`, what is to its UI in `ui/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.entities import FileInfo, Run
    from requests import Response


def delete_artifacts(store_uri: str, run: Run, listed: Iterable[FileInfo]) -> None:
    """Delete these of the run's artifacts, as MLflow has listed them; folders are left alone.

    MLflow's client can't, but its artifact stores can.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=store_uri)
    for file in listed:
        if not file.is_dir:
            repository.delete_artifacts(file.path)


def know_artifacts(store_uri: str, run: Run) -> None:
    """Let the client know where the run's files go, which it would ask the store for the whole run to learn."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.tracking._tracking_service import utils

    with suppress(AttributeError):  # in a version that keeps none
        utils._artifact_repos_cache[run.info.run_id] = get_artifact_repository(
            run.info.artifact_uri, tracking_uri=store_uri
        )


def ask(server: str, endpoint: str, params: dict[str, str], seconds: float) -> Response:
    """What a server says to a GET, once, by the login, proxy and certificates that MLflow is told."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    answer: Response = http_request(
        get_default_host_creds(server),
        endpoint,
        "GET",
        params=params,
        max_retries=0,
        timeout=seconds,
        raise_on_status=False,
    )
    return answer
