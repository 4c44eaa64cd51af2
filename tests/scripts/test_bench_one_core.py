"""The table of epochs is measured on one core, whatever threads a library starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux holds a process to a core")


def told(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], cwd=SCRIPTS, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_nothing_that_starts_threads_is_imported_before() -> None:
    assert told("import bench, sys; print({'numpy', 'scipy', 'nnexp.nn.network'} & sys.modules.keys())") == "set()"


def test_threads_that_a_library_starts_are_on_the_same_core() -> None:
    program = (
        "from bench_epoch.one_core import *; import os, threading; print(hold_to_one_core()); "
        "threading.Thread(target=threading.Event().wait, daemon=True).start(); "
        "print(threads_elsewhere(), len(os.sched_getaffinity(0)))"
    )
    assert told(program).splitlines() == ["True", "[] 1"]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is but one core")
def test_a_thread_from_before_is_found() -> None:
    program = (
        "from bench_epoch.one_core import *; import threading; "
        "threading.Thread(target=threading.Event().wait, daemon=True).start(); "
        "hold_to_one_core(); print(len(threads_elsewhere()))"
    )
    assert told(program) == "1"
