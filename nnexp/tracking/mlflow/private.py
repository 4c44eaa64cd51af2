"""What nnexp needs of MLflow that is no part of its documented interface, seen to work in 3.17.

What is private to its database is in `database.py`, `schema.py` and `sqlite_rows.py`, what is to its UI in `ui/`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nnexp.runtime.deferred import deferred
from nnexp.runtime.loading import loading
from nnexp.tracking.mlflow import schema
from nnexp.tracking.within import within

if TYPE_CHECKING:
    from mlflow.entities import FileInfo, Run
    from requests import Response

SEEN_IN = ("3.17.",)  # beginnings of MLflow's version
NOT_NEEDED: dict[str, dict[str, str]] = {  # packages that a run store can do without, but for what is named
    "mlflow": {"__version__": "mlflow.version:VERSION"},
    "mlflow.data": {"Dataset": "mlflow.data.dataset:Dataset"},
    "mlflow.gateway": {},
    "mlflow.genai": {},
    "mlflow.genai.judges": {},
    "mlflow.genai.scorers": {},
    "mlflow.models": {},
    "mlflow.models.evaluation": {},
    "alembic": {},  # changes the tables of a database
    "alembic.migration": {"MigrationContext": "alembic.migration:MigrationContext"},
    "alembic.script": {"ScriptDirectory": "alembic.script:ScriptDirectory"},
    "pyarrow": {},  # reads files of Hadoop
    "pyarrow.fs": {name: f"pyarrow.fs:{name}" for name in ("FileSelector", "FileType", "HadoopFileSystem")},
}
NEEDED = (
    "mlflow.artifacts",
    "mlflow.tracking.multimedia",
    "mlflow.tracking.request_header.registry",
    "mlflow.utils.credentials",
    "mlflow.utils.rest_utils",
)  # and what these need
DATABRICKS = ("dbruntime", "pyspark")  # packages that are there if it does
DATABASE = "mlflow.store.tracking.sqlalchemy_store"


@cache
def load(database: bool) -> None:
    """Import what keeps runs, and let the rest of MLflow wait until somebody asks for it. database: for one, too.

    `import mlflow` brings pandas, FastAPI and all that judges language models: half of its time. After this, all of it
    is there as ever, and is loaded when it is used.
    """
    if version("mlflow").startswith(SEEN_IN):
        os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")  # pyarrow's; a fork would lose it
        with loading("MLflow"), deferred(NOT_NEEDED, whole=("pandas",)):
            for module in (*NEEDED, *([DATABASE] if database else [])):
                import_module(module)
        if database:
            schema.verify_by_number()
        from mlflow.utils import logging_utils

        logging_utils._install_sensitive_query_param_filter()  # as `import mlflow` does
        logging_utils._configure_mlflow_loggers("mlflow")
        _know_missing()
    os.register_at_fork(before=_disconnect)


def _know_missing() -> None:
    """Let MLflow know at once that it does not run within Databricks: it looks at each request, in a quarter of it."""
    for name in DATABRICKS:
        if name not in sys.modules and find_spec(name) is None:
            sys.modules[name] = None  # type: ignore[assignment]  # what makes an import fail at once


@contextmanager
def installed_as_said() -> Iterator[None]:
    """While it lasts, MLflow saves models without looking whether the packages that they need are installed.

    It reads the files of every package that there is, in more than half a second.
    """
    from mlflow.utils import environment

    before = getattr(environment, "warn_dependency_requirement_mismatches", None)
    if before is None or not version("mlflow").startswith(SEEN_IN):
        yield
        return
    environment.warn_dependency_requirement_mismatches = lambda _: None
    try:
        yield
    finally:
        environment.warn_dependency_requirement_mismatches = before


def _disconnect() -> None:
    """Close the connections to databases that are not in use: SQLite's, or a socket, can't be shared by two processes.

    New ones are made when they are needed.
    """
    if stores := sys.modules.get(DATABASE):
        for engine in stores.SqlAlchemyStore._engine_map.values():
            engine.dispose()


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


def store_files(store_uri: str, artifact_uri: str, folder: str) -> None:
    """Upload the files of a folder to there: MLflow's client would ask the store first for the model whose they are."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    get_artifact_repository(artifact_uri, tracking_uri=store_uri).log_artifacts(folder)


def ask(server: str, endpoint: str, params: Mapping[str, str | list[str]], seconds: float) -> Response:
    """What a server says to a GET, once, by the login, proxy and certificates that MLflow is told.

    seconds: for all of the answer; `TimeoutError` after them, or what requests raises.
    """
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    def asked() -> Response:
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

    return within(seconds, asked)
