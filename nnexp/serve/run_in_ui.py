"""The way from the page to its run in MLflow's UI: one that is running is used, else the first click starts one."""

from __future__ import annotations

import subprocess
import threading
from contextlib import ExitStack, suppress
from urllib.request import urlopen

from nnexp.errors import UsageError
from nnexp.runtime.child_process import HOST, check_free, listener_at
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.ui.server import PORT, address, running

SECONDS = 2.0


class RunInUI:
    """Gives the run's address in MLflow's UI, None while that is being started; it ends with the block."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._port: int | None = None
        self._ended = False

    def __enter__(self) -> RunInUI:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            self._stack.close()

    def __call__(self) -> str | None:
        if self._store.uri.startswith("http"):
            return address(self._store, self._run_id)
        shown = self._port is None and self._is_shown(PORT)  # not while the lock is held: the end would wait for it
        with self._lock:
            if self._ended:
                return None
            if self._port is None:
                self._port = PORT if shown else self._start()
            port = self._port
        return address(self._store, self._run_id, port) if self._is_shown(port) else None

    def _is_shown(self, port: int) -> bool:
        """Whether a UI on that port knows the run: another one may be of another store."""
        question = f"http://{HOST}:{port}/api/2.0/mlflow/runs/get?run_id={self._run_id}"
        try:
            with urlopen(question, timeout=SECONDS) as answer:  # http, this machine
                return bool(answer.status == 200)
        except (OSError, ValueError):
            return False

    def _start(self) -> int:
        port = _free_port()
        self._stack.enter_context(running(self._store, port, subprocess.DEVNULL))
        return port


def _free_port() -> int:
    """The usual one, if nothing else is there."""
    with suppress(UsageError):
        check_free(PORT)
        return PORT
    with listener_at(0) as listener:
        return int(listener.getsockname()[1])
