"""How long one waits: for the first trained epoch, for a run that is finished already, for help."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from bench_aim import Aim
from bench_command import CommandFailed, clean_environment, cost_of
from bench_sweep.ours import make_store

ROUNDS = 5
RUN = [sys.executable, "-m", "nnexp.run"]
FIRST_EPOCH = "epoch 1/"


class Waited(NamedTuple):
    """Seconds by the wall clock, and of CPU."""

    seconds: float
    cpu: float


def report() -> None:
    """Print the median of some rounds of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_store(folder)
        print(f"seconds by the wall clock, median of {ROUNDS}, and in brackets of CPU")
        run = [*RUN, "epochs=2", "seed=0"]  # the first of those that are new
        _print("a new run, to its first trained epoch", 2.5, lambda number: to_first_epoch(folder, number))
        _print("the same command again", 1.5, lambda _: _waited(run, folder))
        _print("nnexp --help", 0.3, lambda _: _waited([sys.executable, "-m", "nnexp.cli", "--help"], folder))
        _print("python -m nnexp.run --help", 0.8, lambda _: _waited([*RUN, "--help"], folder))


def to_first_epoch(folder: Path, seed: int) -> Waited:
    """From the command to the line of the first epoch; the run is trained to its end all the same."""
    environment = clean_environment(PYTHONUNBUFFERED="1")
    command = [*RUN, "epochs=2", f"seed={seed}"]
    started, found = time.perf_counter(), None
    with psutil.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        for line in run.stdout:
            if not found and FIRST_EPOCH in " ".join(line.split()):
                found = Waited(time.perf_counter() - started, sum(run.cpu_times()[:4]))
    if run.returncode or not found:
        raise CommandFailed(f"{' '.join(command)}: exit code {run.returncode}, expected 0 and a line {FIRST_EPOCH!r}")
    return found


def _waited(command: Sequence[str], folder: Path) -> Waited:
    cost = cost_of(command, folder, clean_environment())
    return Waited(cost.seconds, cost.cpu)


def _print(name: str, bound: float, once: Callable[[int], Waited]) -> None:
    waited = [once(number) for number in range(ROUNDS)]
    seconds, cpu = (statistics.median(each) for each in zip(*waited, strict=True))
    print(f"{name:40}{seconds:6.2f}  [{cpu:.2f}]  {Aim('<=', bound).beside(seconds)}", flush=True)
