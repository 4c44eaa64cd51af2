"""The process that workers are forked from: itself a fork of the one that has planned, so nothing is imported twice.

It does what Python's own fork server does, which begins from nothing and imports all once more; where this process
can't be forked safely, it is that one.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import connection, forkserver, resource_tracker, util
from typing import Any, NoReturn

from nnexp.runtime.loading import loading
from nnexp.runtime.waiting import doing

# What `multiprocessing` starts all workers by; these attributes are private, and the same in Python 3.11 to 3.13.
SERVER: Any = forkserver._forkserver
TRACKER: Any = resource_tracker._resource_tracker
GRACE_SECONDS = 1.0  # for the tracker to clean up, for all that have used it
ATTRIBUTES = {"_forkserver_address", "_forkserver_alive_fd", "_forkserver_pid"}


def start(modules: Sequence[str], warm_up: Callable[[], None] = lambda: None) -> None:
    """Start the server, which has these modules imported; does nothing if there is one.

    warm_up: what is done before a fork, so that no worker has to; a server that begins from nothing goes without.
    """
    resource_tracker.ensure_running()  # comes first, for it unblocks signals
    if is_safe():
        with loading("what workers need"):
            for name in modules:
                with suppress(ImportError):  # a job that needs it will say so
                    import_module(name)
            with doing("getting workers ready"):
                warm_up()
    with _interrupts_blocked():
        if not is_safe():  # libraries may start threads when they are first used
            SERVER.set_forkserver_preload(list(modules))
            forkserver.ensure_running()
        elif SERVER._forkserver_pid is None:
            _fork()


def stop() -> None:
    """End the server, and the tracker that `multiprocessing` starts with it, and wait until both are gone.

    A later `start` makes new ones.
    """
    with suppress(OSError):  # somebody else has ended it
        if pid := getattr(SERVER, "_forkserver_pid", None):
            os.kill(pid, signal.SIGKILL)  # else it would wait for all who have inherited its pipe
            SERVER._stop()
    with suppress(OSError):
        if pid := getattr(TRACKER, "_pid", None):
            impatient = threading.Timer(GRACE_SECONDS, os.kill, [pid, signal.SIGKILL])
            impatient.start()
            TRACKER._stop()
            impatient.cancel()


def is_safe() -> bool:
    """Whether a fork of this process can go on: on Linux, and with no thread that could hold a lock just then.

    BLAS's own do not count: OpenBLAS ends them before a fork. macOS's libraries do not bear one. A Python whose
    server is another inside is left to start it by itself.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and vars(SERVER).keys() >= ATTRIBUTES


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Ctrl-C is not for a server that starts in here, nor for its workers: they inherit this."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fork() -> None:
    """Put a fork of this process into the place of the server that `multiprocessing` would start."""
    with socket.socket(socket.AF_UNIX) as listener:
        address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]
        listener.bind(address)
        if not util.is_abstract_socket_namespace(address):
            os.chmod(address, 0o600)  # noqa: PTH101  # as `multiprocessing` does
        listener.listen()
        alive, ours = os.pipe()  # the server ends when nobody holds the other end any more
        util._flush_std_streams()  # type: ignore[attr-defined]  # else what waits there would be printed twice
        gc.freeze()  # looking through what is shared would copy it
        pid = os.fork()
        if not pid:
            os.close(ours)
            _serve(listener.detach(), alive)
    os.close(alive)
    SERVER._forkserver_address, SERVER._forkserver_alive_fd, SERVER._forkserver_pid = address, ours, pid


def _serve(listener: int, alive: int) -> NoReturn:
    """Be the server until all are gone who could ask for a worker."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what this process did with them was for the plan
        signal.signal(signal.SIGINT, signal.default_int_handler)
        forkserver.main(listener, alive, [])
    finally:
        os._exit(0)  # what is further up the stack is the other process's to end
