"""Optuna's dashboard on the journal of a study, for this machine alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from nnexp.errors import UsageError
from nnexp.runtime.child_process import HOST, check_free, child
from nnexp.runtime.local_server import serve as serve_here

PROGRAM = "optuna-dashboard"


def address(port: int) -> str:
    """Where it shows the study."""
    return f"http://{HOST}:{port}/dashboard"


def serve(journal: Path, port: int, started: Callable[[], None]) -> None:
    """Run it until Ctrl-C or SIGTERM; `UsageError` if it is not installed, or the port is taken.

    started: is called as soon as it answers.
    """
    program = Path(sys.executable).with_name(PROGRAM)
    if not program.exists():
        raise UsageError(f"--study: needs Optuna's dashboard: pip install {PROGRAM}")
    check_free(port)
    words = [str(program), str(journal), "--storage-class", "JournalFileStorage", "--host", HOST, "--port", str(port)]
    serve_here(PROGRAM, partial(child, [*words, "--quiet"], {}), address(port), started)
