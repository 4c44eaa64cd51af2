"""One core for all: a process, with whatever threads it will start, held to one by the system.

Options of threads are set besides, but no library obeys all of them. Has to come before anything that starts threads is
imported, for threads take over what the thread has that starts them.
"""

from __future__ import annotations

import os
from pathlib import Path

THREADS = Path("/proc/self/task")
OPTIONS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}


def hold_to_one_core() -> bool:
    """Hold this process to one core; False where the system can't, and options of threads have to do."""
    os.environ.update(OPTIONS)
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return True


def threads_elsewhere() -> list[str]:
    """The names of this process's threads that may run on another core; none where the system doesn't tell."""
    if not THREADS.is_dir():
        return []
    ours = os.sched_getaffinity(0)
    elsewhere = [each for each in THREADS.iterdir() if os.sched_getaffinity(int(each.name)) != ours]
    return [(each / "comm").read_text().strip() for each in elsewhere]
