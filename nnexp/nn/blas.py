"""How many threads BLAS may use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from threadpoolctl import threadpool_limits


def blas_threads(count: int) -> AbstractContextManager[Any]:
    """While it lasts, BLAS uses `count` threads.

    The number belongs to what a run is: it changes the order of additions and so the last bits.
    """
    limits: AbstractContextManager[Any] = threadpool_limits(limits=count, user_api="blas")
    return limits
