"""Sweeps measured and printed: throughput, what is not training, and other frameworks beside us."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench_aim import Aim
from bench_command import CommandFailed, Cost, clean_environment, cost_of
from bench_sweep.others import FRAMEWORKS, Framework
from bench_sweep.ours import Sweep, make_store, split, sweep
from bench_sweep.training import cores, cpu_of_training

JOBS, EPOCHS, MANY = 16, 5, 256
NET = "sizes=[784,30,10]"
HEADING = f"""\
Seconds of sweeps of [784,30,10], {EPOCHS} epochs a job. CPU: of all processes, user and system. training: what all
jobs' epochs take of it by themselves, in as many processes at once (measured before). outside: the rest. others: the
share of the machine that other processes had meanwhile; where it is not small, the wall clock tells nothing.
"""
COLUMNS = f"{'':44}{'wall':>8}{'CPU':>8}{'training':>10}{'outside':>9}{'others':>8}"


def report(rounds: int, long: bool) -> bool:
    """Print the best of some rounds of each; whether everybody has done all jobs. long: the README's sweep as well."""
    print(HEADING)
    print(COLUMNS)
    alone, together = (cpu_of_training(EPOCHS, [NET], at_once) for at_once in (1, cores()))
    serial = _best(rounds, "serial", JOBS, alone, "launch=serial")
    parallel, twice = (_best(rounds, "parallel", jobs, together) for jobs in (JOBS, 2 * JOBS))
    bare, bare_twice = (
        _best(rounds, "without pictures", jobs, together, "pictures=false") for jobs in (JOBS, 2 * JOBS)
    )
    fixed, a_job = split(parallel, twice)
    _, bare_job = split(bare, bare_twice)
    _conclude("throughput, parallel to serial", serial.cost.seconds / parallel.cost.seconds, Aim(">=", 1.85))
    _conclude(f"CPU seconds outside training, {JOBS} jobs", parallel.outside, Aim("<=", 6.5))
    _conclude("  of them fixed", fixed, Aim("<=", 4))
    _conclude("  and of each job", a_job, Aim("<=", 0.15))
    _conclude("  of each job without pictures", bare_job, Aim("<=", 0.05))
    _many()
    if long:
        _readme()
    done = [_other(framework, rounds, parallel.cost) for framework in FRAMEWORKS]
    return all(done)


def _best(rounds: int, name: str, jobs: int, training: float, *words: str) -> Sweep:
    """The sweep that took least CPU; its wall-clock seconds are the fewest of all. training: of a job."""
    sweeps = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            make_store(Path(folder))
            sweeps.append(sweep(Path(folder), [NET, f"epochs={EPOCHS}", f"seed=range({jobs})", *words], training))
    best = min(sweeps, key=lambda each: each.cost.cpu)
    best = best.with_seconds(min(each.cost.seconds for each in sweeps))
    _line(f"{jobs} jobs, {name}", best.cost, best)
    return best


def _many() -> None:
    """Many small jobs, and the same sweep when it is finished."""
    settings = ["data=digits", "sizes=[64,30,10]"]
    words = [*settings, f"epochs={EPOCHS}", f"seed=range({MANY})"]
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder))
        first = sweep(Path(folder), words, cpu_of_training(EPOCHS, settings, cores()))
        _line(f"{MANY} jobs of digits", first.cost, first)
        again = cost_of([sys.executable, "-m", "nnexp.run", "-m", *words], Path(folder), clean_environment())
        _line("  the same again, finished", again)
    _conclude("CPU seconds a job of digits", first.cost.cpu / MANY, Aim("<=", 0.25))
    _conclude("seconds of the same again", again.seconds, Aim("<=", 3))


def _readme() -> None:
    """The README's own sweep."""
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder))
        readme = sweep(Path(folder), ["eta=0.5,1.0,3.0", "seed=range(5)"], cpu_of_training(30, [], cores()))
    _line("the README's: 15 jobs of 30 epochs", readme.cost, readme)
    _conclude("  share of its CPU outside training", readme.outside / readme.cost.cpu, Aim("<=", 0.15))


def _other(framework: Framework, rounds: int, ours: Cost) -> bool:
    """What another framework needs for the same jobs; False if it has not done them."""
    if framework.lacks:
        print(f"left out: {framework.name}; not installed: {framework.lacks}")
        return True
    costs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            try:
                costs.append(framework.cost(Path(folder), JOBS, EPOCHS))
            except CommandFailed as error:
                print(f"ERROR {error}")
                return False
    cost = min(costs, key=lambda each: each.cpu)
    _line(f"{JOBS} jobs, {framework.name}", cost)
    print(f"  ours to theirs: CPU {ours.cpu / cost.cpu:.2f}, wall {ours.seconds / cost.seconds:.2f}", flush=True)
    return True


def _line(name: str, cost: Cost, ours: Sweep | None = None) -> None:
    known = f"{ours.training:10.1f}{ours.outside:9.1f}" if ours else f"{'':19}"
    print(f"{name:44}{cost.seconds:8.1f}{cost.cpu:8.1f}{known}{cost.others:8.0%}", flush=True)


def _conclude(name: str, number: float, aim: Aim) -> None:
    print(f"{name:52}{number:8.2f}  {aim.beside(number)}", flush=True)
