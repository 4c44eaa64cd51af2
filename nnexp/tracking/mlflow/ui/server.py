"""MLflow's UI on a store of this machine, for this machine alone, and the addresses that it has."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from urllib.parse import quote

from nnexp.errors import redacted
from nnexp.runtime.child_process import HOST, Output, check_free, child
from nnexp.runtime.local_server import serve as serve_here
from nnexp.tracking.mlflow.reachable import is_server
from nnexp.tracking.mlflow.store import Store, resolve
from nnexp.tracking.stores.base import EXPERIMENT

PORT = 5000
MODE = "?workflowType=machine_learning"  # else the UI opens in its mode for language models


def root(store: Store, port: int = PORT) -> str:
    """Where the UI of this store is: at the server that it is, or here once it is started."""
    return redacted(store.uri) if store.uri.startswith("http") else f"http://{HOST}:{port}"


def address(store: Store, run_id: str = "", port: int = PORT) -> str:
    """Where it shows the experiment, or a run."""
    return f"{root(store, port)}/{page(store, run_id)}"


def page(store: Store, run_id: str = "", file: str = "") -> str:
    """The experiment's or a run's page, or that of one of the run's files, as seen from another of the UI's pages."""
    parts = [f"#/experiments/{store.experiment_id}/runs", run_id, f"artifacts/{file}" if file else ""]
    return "/".join(filter(None, parts)) + MODE


def picture(run_id: str, file: str) -> str:
    """The address of one of the run's pictures, as seen from the UI's pages."""
    return f"get-artifact?path={quote(file, safe='')}&run_uuid={run_id}"


def command(store: Store, what: str) -> str | None:
    """What shows a run or a sweep in MLflow's UI, to be typed in this folder; None for a server, which has its page."""
    if is_server(store.uri):
        return None
    usual = store.uri == resolve(None) == resolve("sqlite:///mlflow.db")  # in any shell, whatever this one has set
    where = [] if usual else ["--uri", redacted(store.uri)]
    experiment = [] if store.experiment == EXPERIMENT else ["--experiment", store.experiment]
    return shlex.join(["nnexp", "ui", what, *where, *experiment])


def serve(store: Store, port: int, started: Callable[[], None]) -> None:
    """Run MLflow's UI until Ctrl-C or SIGTERM; `UsageError` if the port is taken.

    started: is called as soon as it answers.
    """
    check_free(port)
    serve_here("mlflow ui", partial(running, store, port), f"http://{HOST}:{port}/health", started)


def running(store: Store, port: int, output: Output = None) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """MLflow's UI as a child process."""
    words = [
        sys.executable,
        "-m",
        "mlflow",
        "ui",
        "--host",
        HOST,
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    words += ["--uvicorn-opts", "--log-level warning"]  # else every click writes lines below the address
    environment = {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": store.uri,  # may hold a password, and all processes' words can be read by everybody
        "MLFLOW_REGISTRY_STORE_URI": store.uri,  # else MLflow says that none was given
        "MLFLOW_LOGGING_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore",  # what its packages are to mend is no news to its user
    }
    return child(words, environment, output)
