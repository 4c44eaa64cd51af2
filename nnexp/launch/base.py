"""The settings of launching: how the jobs of a sweep are run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Optional


@dataclass
class Launch:
    """How the jobs of a sweep are run. kind: as in conf/launch. workers: how many at once; None: one for each core."""

    kind: str = "parallel"
    workers: Optional[int] = None  # noqa: UP045  # OmegaConf reads annotations at run time

    @property
    def at_once(self) -> int:
        """How many jobs run at once."""
        return self.workers if self.workers and self.workers > 0 else cores()

    def problems(self) -> list[str]:
        """What is wrong with them, a line each."""
        if self.workers is None or self.workers > 0 or self.kind == "joblib":  # to joblib, -1 means all
            return []
        return [f"launch.workers: got {self.workers}, expected a whole number > 0, or null for one for each core"]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def more_than_cores(name: str, count: int) -> str:
    """What to tell of a setting that asks for more than this machine has: another may have more."""
    return f"{name}: got {count}, but this process may use {cores()} cores; more than those make it slower"
