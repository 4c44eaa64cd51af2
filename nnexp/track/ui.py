"""MLflow's UI on a store of this machine, for this machine alone, and the addresses that it has."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

from nnexp.errors import UsageError, redacted
from nnexp.track.store import Store

HOST, PORT = "127.0.0.1", 5000
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
    _check_free(port)
    words = ["--backend-store-uri", store.uri, "--host", HOST, "--port", str(port), "--workers", "1"]
    started()
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "mlflow", "ui", *words],
        env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        start_new_session=True,  # Ctrl-C comes to us alone, and the server is told in the way that it ends quietly by
    )
    try:
        code = server.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        server.terminate()
        server.wait()
    if code:
        raise UsageError(f"mlflow ui ended with exit code {code}")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"--port: got {port}, expected one that is free ({error.strerror})") from None
