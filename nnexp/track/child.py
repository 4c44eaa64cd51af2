"""MLflow's servers as child processes, for this machine alone and never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from nnexp.errors import UsageError

Output = IO[bytes] | int | None  # where a process prints to, as `subprocess.Popen` takes it
HOST = "127.0.0.1"
PATIENCE_SECONDS = 10


@contextmanager
def child(
    words: Sequence[str], environment: Mapping[str, str], output: Output = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`mlflow WORDS...` while the block lasts; then it and all that it has started are ended.

    environment: variables beside ours. output: where what it prints goes, if not to where ours does.
    """
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "mlflow", *words],
        env=os.environ | environment,
        stdout=output,
        stderr=output,
        start_new_session=True,  # Ctrl-C comes to us alone, and the server is told in the way that it ends quietly by
    )
    try:
        yield server
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        pass  # it is not asked again
    finally:  # also for those who press Ctrl-C twice
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextmanager
def until_stopped() -> Iterator[None]:
    """A block that Ctrl-C, SIGTERM or a closed terminal ends in good order."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) != signal.SIG_IGN:  # as nohup does
            signal.signal(name, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        yield


def check_free(port: int, option: str = "--port") -> None:
    """Raise `UsageError` if another program listens on that port. option: what the error calls it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"{option}: got {port}, expected one that is free ({error.strerror})") from None
