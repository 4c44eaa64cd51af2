"""Servers of other packages as child processes, for this machine alone and never left behind."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import IO

from nnexp.errors import UsageError

Output = IO[bytes] | int | None  # where a process prints to, as `subprocess.Popen` takes it
HOST = "127.0.0.1"
HIGHEST_PORT = 65535
PATIENCE_SECONDS = 0.5  # MLflow's would take seven: what servers have written is in the store by then


@contextmanager
def child(
    command: Sequence[str], environment: Mapping[str, str], output: Output = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The command while the block lasts; then it and all that it has started are ended.

    environment: variables beside ours. output: where what it prints goes, if not to where ours does.
    """
    with ThreadPoolExecutor(1) as elsewhere:
        # A signal is raised in the main thread alone: there it could come when the server runs and has no name yet.
        starting = elsewhere.submit(
            subprocess.Popen,
            command,
            env=os.environ | environment,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C comes to us alone, and the server is told to end
        )
        try:
            yield starting.result()
        finally:
            _end(starting.result())


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and all that is in its group: asked to once, then made to."""
    try:
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(PATIENCE_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextmanager
def until_stopped() -> Iterator[None]:
    """A block that Ctrl-C, SIGTERM or a closed terminal ends in good order; only the first of them is heard."""
    heard: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        heard.append(number)
        if len(heard) == 1:  # `timeout` sends two: the second would stop what ends the servers
            raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) != signal.SIG_IGN:  # as nohup does
            signal.signal(name, stop)
    with contextlib.suppress(KeyboardInterrupt):
        yield
    gc.freeze()  # else Python looks through all that MLflow has loaded once more before it ends, for seconds


def check_free(port: int, option: str = "--port") -> None:
    """Raise `UsageError` if another program listens on that port. option: what the error calls it."""
    listener_at(port, option).close()


def listener_at(port: int, option: str = "--port") -> socket.socket:
    """A socket that listens on that port, or on a free one for 0; raises as `check_free`."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        why = os.strerror(error.errno or 0)
        line = f"{option}: got {port}, expected one that is free ({why}): try {option} {_free_above(port)}"
        raise UsageError(line) from None


def _free_above(port: int) -> int:
    """The next port that nothing listens on, or any if there is none."""
    for number in (*range(port + 1, HIGHEST_PORT + 1), 0):
        with contextlib.suppress(OSError), socket.create_server((HOST, number)) as probe:
            return int(probe.getsockname()[1])
    return port
