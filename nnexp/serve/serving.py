"""Both servers of a run's network, side by side until they are stopped."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from nnexp.errors import UsageError
from nnexp.nn.blas import blas_threads
from nnexp.predict.trained import Trained
from nnexp.runtime.child_process import HIGHEST_PORT, HOST, check_free, until_stopped
from nnexp.serve.run_in_ui import RunInUI
from nnexp.serve.viewer import Viewer
from nnexp.serve.web_server import page_server
from nnexp.tracking.mlflow import model_server
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.stored_model import without_code
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stored_weights import final_epoch, network_in

Say = Callable[[str], object]  # is told a line, or an address
LOOK_AGAIN_SECONDS = 0.25
LINES_SHOWN = 5  # of what a server that has failed has said


def serve(
    runs: MLflowRuns,
    run: StoredRun,
    port: int,
    model_port: int | None,
    say: Callable[[str], None],
    opened: Callable[[str], object],
) -> None:
    """Serve the run's network until Ctrl-C or SIGTERM: the page at once, MLflow's model server when it is ready.

    port: of the page; model_port: of the model server, None for the one after the page's. say: is told what there is,
    line by line. opened: is given the page's address once it can be opened. Raises `UsageError` if a port is taken, the
    run has kept no model, or the model server ends by itself.
    """
    if port == model_port:
        raise UsageError(f"--model-port: got {model_port}, expected another than --port")
    model_port = model_port or port + (1 if port < HIGHEST_PORT else -1)
    check_free(port)
    check_free(model_port, "--model-port")
    with until_stopped(), runs.logged_model(run) as model, blas_threads(1):
        without_code(model)
        trained = Trained(network_in(model.weights, run), run.params.get("data", ""))
        viewer = Viewer(run, final_epoch(run), trained, model_port)
        log = model.folder / "server.log"
        with RunInUI(runs.store, run.id) as ui, page_server(viewer, port, ui) as found:
            address = f"http://{HOST}:{found}/"
            say(f"page   {address}")
            say(f"model  {model_server.address(model_port)} (MLflow's model server, ready in some seconds)")
            opened(address)
            with log.open("wb") as output, model_server.running(model.folder, model_port, output) as server:
                _wait(server, model_port, say, log)


def _wait(server: subprocess.Popen[bytes], port: int, say: Say, log: Path) -> None:
    """Say when the model server is ready, and that it has ended."""
    ready = False
    while server.poll() is None:
        if not ready and model_server.listens(port):
            ready = True
            say("model  ready; Ctrl-C ends both")
        time.sleep(LOOK_AGAIN_SECONDS)
    last = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    raise UsageError([f"mlflow models serve ended with exit code {server.returncode}; its last lines:", *last])
