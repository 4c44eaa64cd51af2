"""A server as a child process: its address is told as soon as it answers, and it ends with us."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager

from nnexp.errors import UsageError
from nnexp.runtime.child_process import until_stopped
from nnexp.runtime.terminal import print_line
from nnexp.runtime.waiting import quiet

LOOK_AGAIN_SECONDS = 0.2
STDERR = 2  # where a server prints to: our output is for the address


def serve(
    name: str, running: AbstractContextManager[subprocess.Popen[bytes]], page: str, started: Callable[[], None]
) -> None:
    """Run a server until Ctrl-C or SIGTERM; `UsageError` if it ends by itself with an error.

    name: what the error calls it. page: an address that it answers. started: is called as soon as it does.
    """
    with until_stopped(), running as server:
        with quiet():  # the server prints, too
            print_line(f"starting {name}", sys.stderr)
            while not answers(page) and server.poll() is None:
                time.sleep(LOOK_AGAIN_SECONDS)
        if server.poll() is None:
            started()
            sys.stdout.flush()
        if code := server.wait():
            raise UsageError(f"{name} ended with exit code {code}")


def answers(page: str) -> bool:
    """Whether there is a good answer at this address."""
    try:
        with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310  # http, this machine
            return bool(answer.status == 200)
    except OSError:
        return False
