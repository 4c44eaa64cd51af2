"""Every launcher keeps the same promises."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from processes import wait_until
from running import environment

from nnexp.launch.job_events import Died, JobEnded, JobEvent, JobPrinted
from nnexp.launch.launchers.base import Launcher, Work
from nnexp.runtime.cores import cores
from nnexp.runtime.signals import Interrupted

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # a worker can't import a test

OURS = ("parallel", "serial", "joblib")


def do(number: int) -> int:
    print(f"job {number}")
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 2:
        sys.exit(3)
    return number


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("kind", OURS)
def test_a_job_that_dies_is_a_failed_job_and_the_others_go_on(kind: str) -> None:
    events: list[tuple[int, JobEvent]] = []
    launcher = Launcher.named(kind)
    outcomes = launcher.run(Work(lambda: do), range(4), 2, lambda number, event: events.append((number, event)))
    assert outcomes == [0, Died("was killed by SIGKILL"), Died("left with exit code 3"), 3]
    assert {number for number, event in events if event == JobEnded(outcomes[number])} == {0, 1, 2, 3}
    assert (3, JobPrinted("job 3")) in events


@pytest.mark.parametrize("kind", OURS)
def test_an_interrupt_leaves_no_worker(kind: str, tmp_path: Path) -> None:
    def stay(_: int) -> None:
        print(os.getpid())
        time.sleep(1000)

    pids = []

    def interrupt(_: int, event: JobEvent) -> None:
        assert isinstance(event, JobPrinted)
        pids.append(int(event.line))
        raise Interrupted(signal.SIGINT)

    with pytest.raises(Interrupted):
        Launcher.named(kind).run(Work(lambda: stay), [0], 1, interrupt)
    assert not alive(pids[0])


ORPHANS = """
import os, sys, time
import cloudpickle
from nnexp.launch.launchers.base import Launcher, Work

def stay(number):
    print(os.getpid())
    while True:
        time.sleep(0.1)

def tell(number, event):
    with open("pids", "a") as file:
        file.write(event.line + "\\n")

cloudpickle.register_pickle_by_value(sys.modules["__main__"])
if __name__ == "__main__":
    launcher = Launcher.named(sys.argv[1])
    launcher.prepare([], lambda: None)
    launcher.run(Work(lambda: stay), [0, 1], 2, tell)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parallel", "joblib"])
def test_no_worker_outlives_a_parent_that_is_killed(kind: str, tmp_path: Path) -> None:
    (tmp_path / "sweep.py").write_text(ORPHANS)
    pids = tmp_path / "pids"
    with subprocess.Popen([sys.executable, "sweep.py", kind], cwd=tmp_path, env=environment()) as parent:
        wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 2, "both jobs are at work")
        parent.kill()
    wait_until(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()), "its workers have ended")


@pytest.mark.parametrize(
    ("kind", "workers", "at_once"),
    [("serial", {}, 1), ("parallel", {}, cores()), ("parallel", {"workers": 7}, 7), ("joblib", {}, cores())],
)
def test_how_many_jobs_run_at_once(kind: str, workers: dict[str, int], at_once: int) -> None:
    assert Launcher.named(kind, **workers).at_once == at_once


@pytest.mark.parametrize(("kind", "workers"), [("serial", 0), ("parallel", -1), ("joblib", 0)])
def test_a_number_of_workers_that_makes_no_sense_is_refused(kind: str, workers: Any) -> None:
    with pytest.raises(ValueError, match=f"launch.workers: got {workers}, expected a whole number > 0"):
        Launcher.named(kind, workers=workers)
