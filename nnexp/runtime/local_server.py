"""A server as a child process: its address is told as soon as it answers, and it ends with us."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO

from nnexp.errors import UsageError
from nnexp.runtime.child_process import until_stopped
from nnexp.runtime.terminal import print_line
from nnexp.runtime.waiting import doing

LOOK_AGAIN_SECONDS = 0.2
LINES_SHOWN = 20  # of what a server has printed before it failed

Running = Callable[[IO[bytes]], AbstractContextManager["subprocess.Popen[bytes]"]]  # a server that prints into a file


def serve(name: str, running: Running, page: str, started: Callable[[], None]) -> None:
    """Run a server until Ctrl-C or SIGTERM; `UsageError`, with what it printed, if it ends by itself with an error.

    name: what the error calls it. page: an address that it answers. started: is called as soon as it does.
    """
    with until_stopped(), tempfile.TemporaryFile() as output, running(output) as server:
        with doing(f"starting {name}"):
            while not answers(page) and server.poll() is None:
                time.sleep(LOOK_AGAIN_SECONDS)
        if server.poll() is None:
            started()
            sys.stdout.flush()
            print_line("Ctrl-C ends it", sys.stderr)
        if code := server.wait():
            output.seek(0)
            last = output.read().decode(errors="replace").splitlines()[-LINES_SHOWN:]
            raise UsageError([f"{name} ended with exit code {code}; its last lines:", *last])


def answers(page: str) -> bool:
    """Whether there is a good answer at this address."""
    try:
        with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310  # http, this machine
            return bool(answer.status == 200)
    except OSError:
        return False
