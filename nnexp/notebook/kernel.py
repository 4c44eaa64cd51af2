"""The Jupyter kernel that this is in, and its end."""

from __future__ import annotations

import sys
from typing import Any

from nnexp.launch import fork_server


def shell() -> Any:
    """IPython's shell in a Jupyter kernel; None anywhere else, and in a terminal's IPython."""
    found = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return found if hasattr(found, "kernel") else None


def workers_end_first() -> None:
    """Have what workers are started by end before the kernel does: it looks half a minute for children to be gone."""
    if (kernels := shell()) is not None:
        kernels.observe(_stop, "exit_now")  # each function once, however often it is given


def _stop(_: object) -> None:
    fork_server.stop()
