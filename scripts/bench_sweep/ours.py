"""Sweeps of ours, each in a folder of its own whose store is there already."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench_command import CommandFailed, Cost, clean_environment, cost_of

MAKE_STORE = "from nnexp.tracking.mlflow.store import open_store, resolve; open_store(resolve(None), 'nnexp')"


@dataclass(frozen=True)
class Sweep:
    """A sweep that was run. training: CPU seconds that its jobs' epochs take by themselves."""

    cost: Cost
    training: float
    jobs: int

    @property
    def outside(self) -> float:
        """CPU seconds that are not training: imports, Hydra, MLflow, pictures."""
        return self.cost.cpu - self.training

    def with_seconds(self, seconds: float) -> Sweep:
        """The same, but for the wall clock."""
        return replace(self, cost=replace(self.cost, seconds=seconds))


def make_store(folder: Path) -> None:
    """Make the store that a sweep in this folder will write into."""
    cost_of([sys.executable, "-c", MAKE_STORE], folder, clean_environment())


def sweep(folder: Path, words: Sequence[str], training: float) -> Sweep:
    """Run `nnexp.run -m` with these words, in a folder with a store; `CommandFailed` if a job is not done.

    training: CPU seconds of a job's.
    """
    cost = cost_of([sys.executable, "-m", "nnexp.run", "-m", *words], folder, clean_environment())
    (table,) = folder.glob("mlruns/*/*/artifacts/table.csv")
    with table.open() as file:
        rows = list(csv.DictReader(file))
    if undone := [row for row in rows if row["state"] != "new"]:
        raise CommandFailed(f"{' '.join(words)}: {undone[0]}, expected jobs that are new and done")
    return Sweep(cost, len(rows) * training, len(rows))


def split(one: Sweep, other: Sweep) -> tuple[float, float]:
    """What sweeps of two sizes cost outside training: CPU seconds that are fixed, and of each job."""
    a_job = (other.outside - one.outside) / (other.jobs - one.jobs)
    return one.outside - one.jobs * a_job, a_job
