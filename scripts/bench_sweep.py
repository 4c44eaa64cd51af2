"""How much faster a sweep is on every core than one job after the other, and how much of it is not training."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

JOBS, EPOCHS = 16, 5
COMMAND = [sys.executable, "-m", "nnexp.run", "-m", "sizes=[784,30,10]", f"epochs={EPOCHS}", f"seed=range({JOBS})"]


@dataclass(frozen=True)
class Sweep:
    """A sweep that was timed.

    seconds: wall-clock from command to end. training: of all jobs together, evaluation included. at_once: workers.
    """

    seconds: float
    training: float
    at_once: int

    @property
    def outside(self) -> float:
        """The share of the workers' time that is not training: imports, Hydra, MLflow, pictures, waiting."""
        return 1 - self.training / (self.at_once * self.seconds)


def timed(launch: str, at_once: int) -> Sweep:
    """Run the sweep in a folder of its own, whose store is there already."""
    with tempfile.TemporaryDirectory() as folder:
        _make_store(folder)
        started = time.perf_counter()
        words = [*COMMAND, f"launch={launch}", f"launch.workers={at_once}"]
        subprocess.run(words, cwd=folder, check=True, capture_output=True, env=_environment())
        seconds = time.perf_counter() - started
        (table,) = Path(folder).glob("mlruns/*/*/artifacts/table.csv")
        with table.open() as file:
            training = sum(float(row["seconds"]) for row in csv.DictReader(file))
    return Sweep(seconds, training, at_once)


def report(rounds: int = 2) -> None:
    """Print the best of some rounds of each, and what they come to."""
    cores = len(os.sched_getaffinity(0))
    serial = min((timed("serial", 1) for _ in range(rounds)), key=lambda sweep: sweep.seconds)
    parallel = min((timed("parallel", cores) for _ in range(rounds)), key=lambda sweep: sweep.seconds)
    print(f"sweep of {JOBS} runs of [784,30,10], {EPOCHS} epochs each:")
    for name, sweep in (("serial", serial), ("parallel", parallel)):
        print(f"  {name:9} {sweep.seconds:6.1f} s on {sweep.at_once}, {sweep.outside:.0%} of it outside training")
    print(f"  throughput: {serial.seconds / parallel.seconds:.2f} times (aim 1.8 on two cores); outside: aim 15 %")


def _make_store(folder: str) -> None:
    script = "from nnexp.tracking.mlflow.store import open_store, resolve; open_store(resolve(None), 'nnexp')"
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, capture_output=True, env=_environment())


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "HYDRA_"))}


if __name__ == "__main__":
    report()
