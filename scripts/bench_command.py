"""What a command costs: wall-clock seconds, and the CPU seconds of all the processes that it has started."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ADOPT = 36  # PR_SET_CHILD_SUBREAPER: orphans become children of ours, and what they cost is counted when they end
GRACE_SECONDS = 30.0  # for processes that outlive the command


class CommandFailed(Exception):
    """A command that left with another exit code than 0; its output is the message."""


@dataclass(frozen=True)
class Cost:
    """Of a command. seconds: wall-clock, to its end. cpu: user and system, of all its processes. busy: see `others`.

    others: the share of the machine that other people's processes had meanwhile, 0 to 1.
    """

    seconds: float
    cpu: float
    others: float


def cost_of(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command in a folder; raises `CommandFailed` if it fails, or on a system that can't count what it costs."""
    if sys.platform != "linux":
        raise CommandFailed(f"got {sys.platform}, expected linux, where a process can adopt orphans")
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    others = {child.pid for child in psutil.Process().children()}
    used_before, busy_before, started = _cpu_of_children(), _busy(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise CommandFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    _wait_for_orphans(others)
    cpu, busy, passed = _cpu_of_children() - used_before, _busy() - busy_before, time.perf_counter() - started
    return Cost(seconds, cpu, max(0.0, busy - cpu) / (passed * (os.cpu_count() or 1)))


def clean_environment(**extra: str) -> dict[str, str]:
    """Ours, without what would send runs to another store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "HYDRA_"))}
    return kept | {"MLFLOW_DISABLE_TELEMETRY": "true"} | extra


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy() -> float:
    """CPU seconds that the whole machine has worked since it started."""
    user, nice, system, _idle, _waiting, *interrupts = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(interrupts[:2])) / os.sysconf("SC_CLK_TCK")


def _wait_for_orphans(others: set[int]) -> None:
    """Until every process that the command has left behind has ended. others: children from before."""
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline:
        left = [child.pid for child in psutil.Process().children() if child.pid not in others]
        if not left:
            return
        if not any(os.waitpid(pid, os.WNOHANG)[0] for pid in left):
            time.sleep(0.02)
    raise CommandFailed(f"a process that it started still runs {GRACE_SECONDS:g} s after its end")
