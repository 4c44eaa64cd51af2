"""MLflow's UI on a store of this machine, for this machine alone, and the addresses that it has."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from nnexp.errors import UsageError, redacted
from nnexp.track.child import HOST, Output, check_free, child, until_stopped
from nnexp.track.store import Store

PORT = 5000
MODE = "?workflowType=machine_learning"  # else the UI opens in its mode for language models


def root(store: Store, port: int = PORT) -> str:
    """Where the UI of this store is: at the server that it is, or here once it is started."""
    return redacted(store.uri) if store.uri.startswith("http") else f"http://{HOST}:{port}"


def address(store: Store, run_id: str = "", port: int = PORT) -> str:
    """Where it shows the experiment, or a run."""
    page = f"{root(store, port)}/#/experiments/{store.experiment_id}/runs"
    return f"{page}/{run_id}{MODE}" if run_id else f"{page}{MODE}"


def serve(store: Store, port: int, started: Callable[[], None]) -> None:
    """Run MLflow's UI until Ctrl-C or SIGTERM; `UsageError` if the port is taken. started: is called before."""
    check_free(port)
    started()
    sys.stdout.flush()
    with until_stopped(), running(store, port) as server:
        if code := server.wait():
            raise UsageError(f"mlflow ui ended with exit code {code}")


def running(store: Store, port: int, output: Output = None) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """MLflow's UI as a child process."""
    words = ["ui", "--backend-store-uri", store.uri, "--host", HOST, "--port", str(port), "--workers", "1"]
    return child(words, {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}, output)
