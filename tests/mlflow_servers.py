"""A local `mlflow server` for tests, on a port of its own, of which nothing is left when the block ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import answer_of, free_port
from running import environment


@contextmanager
def mlflow_server(folder: Path, *more: str, **variables: str) -> Iterator[str]:
    """The address of a server that keeps everything in the folder, which may hold an mlflow.db already.

    more: words of its command. variables: of its environment.
    """
    port = free_port()
    words = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"} | variables
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*words, *more], cwd=folder, env=environment() | quiet, stdout=log, stderr=log, start_new_session=True
        )
    try:
        answer_of(server, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
