"""How many cores there are for this process."""

from __future__ import annotations

import os


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def more_than_cores(name: str, count: int) -> str:
    """What to tell of a setting that asks for more than this machine has: another may have more."""
    return f"{name}: got {count}, but this process may use {cores()} cores; more than those make it slower"
