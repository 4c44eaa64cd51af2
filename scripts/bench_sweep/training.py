"""The CPU seconds that a job's training takes by itself, in as many processes at once as a sweep has.

The sweep's own table has seconds by the wall clock, which on a busy machine are those of others, too.

The command: `python -m bench_sweep.training 5 'sizes=[784,30,10]'`, for 5 epochs, prints them, the median of three.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench_command import CommandFailed, clean_environment

SCRIPTS = Path(__file__).parents[1]
ROUNDS = 3
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def cpu_of_training(epochs: int, words: Sequence[str], at_once: int) -> float:
    """CPU seconds of a job: of its epochs, evaluation included; the mean over processes that train at once."""
    command = [sys.executable, "-m", "bench_sweep.training", str(epochs), *words]
    environment = clean_environment(**ONE_THREAD)
    start = partial(subprocess.Popen, command, cwd=SCRIPTS, env=environment, stdout=subprocess.PIPE, text=True)
    started = [start() for _ in range(at_once)]
    printed = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise CommandFailed(f"{' '.join(command)}: exit codes {[process.returncode for process in started]}")
    return statistics.mean(map(float, printed))


def cores() -> int:
    """As many jobs as a parallel sweep does at once."""
    return len(os.sched_getaffinity(0))


def main(epochs: int, words: Sequence[str]) -> None:
    """Train, once to warm up and then some rounds, and print the median of their CPU seconds."""
    from nnexp.config.compose import config_of
    from nnexp.runner.preparation import new_network
    from nnexp.train.trainer import train

    config = config_of([f"epochs={epochs}", *words])
    dataset, seconds = config.data.load(), []
    for _ in range(1 + ROUNDS):
        events = train(new_network(config, dataset), dataset, config)
        next(events)  # epoch 0 is no training
        started = time.process_time()
        for _ in events:
            pass
        seconds.append(time.process_time() - started)
    print(statistics.median(seconds[1:]))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
