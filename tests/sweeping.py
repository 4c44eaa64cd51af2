"""Whole sweeps in processes of their own, for tests, and what they have left in the store."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from commands import client_of
from running import run_nnexp

QUICK = ("-m", "experiments=quick", "epochs=3")


def sweep(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A sweep, in one process unless it is told how to launch: worker processes have tests of their own."""
    launched = any(word.startswith("launch") for word in words)
    return run_nnexp(folder, *QUICK, *words, *([] if launched else ["launch=inline"]))


def all_in(folder: Path) -> list[Any]:
    client = client_of(folder)
    return list(client.search_runs([client.get_experiment_by_name("nnexp").experiment_id], max_results=1000))


def jobs_in(folder: Path) -> list[Any]:
    return [run for run in all_in(folder) if "nnexp.summary" not in run.data.tags]


def summaries_in(folder: Path) -> list[Any]:
    return [run for run in all_in(folder) if "nnexp.summary" in run.data.tags]
