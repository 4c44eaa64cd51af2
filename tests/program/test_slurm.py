"""Sweeps on a real Slurm: whatever happens to workers and to who has submitted them, they come to the serial ones."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from clusters import RUN, SWEEP, done, finish, one_after_the_other, results, submitted, under_way
from processes import wait_until
from slurm_cluster import slurm

if TYPE_CHECKING:
    from namespaces import Namespace

pytestmark = [pytest.mark.slow, pytest.mark.integration]
__all__ = ["slurm"]

ON_SLURM = [*SWEEP, "launch=slurm", "launch.workers=2"]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the sweep comes to without a cluster."""
    return one_after_the_other(tmp_path_factory.mktemp("serial") / "sweep")


def supervisors(slurm: Namespace) -> list[psutil.Process]:
    """The workers on the node; their parents are batch shells."""
    return [each for each in slurm.running("worker") if "slurm" in (each.parent() or each).cmdline()[-1]]


def array_of(slurm: Namespace) -> str:
    """The number of the job array that is in the queue."""
    (array,) = set(slurm.says("squeue", "-h", "-r", "-o", "%F").split())
    return array


def nothing_left(slurm: Namespace) -> None:
    wait_until(lambda: not slurm.says("squeue", "-h"), "Slurm's queue is empty")
    wait_until(lambda: not slurm.running("worker"), "no worker is left")


def test_nothing_of_the_cluster_can_be_reached_from_outside(slurm: Namespace) -> None:
    assert slurm.devices() == ["lo"]


def test_a_sweep_whose_workers_and_submitter_are_killed_is_the_serial_one(
    slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM, "launch.workers=4") as first:
        under_way(tmp_path, 2)
        first.kill()
    with submitted(slurm, tmp_path, *ON_SLURM, "launch.workers=4") as second:
        under_way(tmp_path)
        array = array_of(slurm)
        supervisors(slurm)[0].kill()
        under_way(tmp_path)
        running = slurm.says("squeue", "-h", "-r", "-t", "RUNNING", "-o", "%i").split()
        slurm.says("scancel", running[0])
        finish(second)
    assert results(tmp_path) == expected
    assert [path.name for path in tmp_path.glob("outputs/sweeps/all/slurm-*_0.log")] == [f"slurm-{array}_0.log"]
    nothing_left(slurm)


def test_a_task_that_is_told_of_its_time_limit_goes_on_when_it_is_back_from_the_queue(
    slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM) as sweep:
        under_way(tmp_path, 2)
        array = array_of(slurm)
        slurm.says("scancel", "--signal=TERM", "--batch", array)
        wait_until(lambda: "Restarts=1" in slurm.says("scontrol", "show", "job", array), "it is back from the queue")
        finish(sweep)
    assert results(tmp_path) == expected
    log = next(tmp_path.glob("outputs/sweeps/all/slurm-*_0.log")).read_text()
    assert "stopped by SIGTERM; what was under way is given back" in log
    nothing_left(slurm)


def test_workers_that_give_way_to_another_job_go_on_behind_it(
    slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM) as sweep:
        under_way(tmp_path, 2)
        slurm.says("sbatch", "--partition=upper", "--exclusive", "--output=/dev/null", "--wrap=sleep 2")
        finish(sweep)
    assert results(tmp_path) == expected
    nothing_left(slurm)


def test_a_sweep_that_nobody_waits_for_is_concluded_by_its_last_worker(
    slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM, "launch.wait=false") as sweep:
        said = finish(sweep)
    assert done(tmp_path) < len(expected)
    assert "`nnexp sweeps all --follow` shows it" in said
    wait_until((tmp_path / "outputs/sweeps/all/concluded").exists, "it is concluded")
    assert results(tmp_path) == expected
    nothing_left(slurm)


def test_a_search_and_its_confirmation_are_done_by_one_array(slurm: Namespace, tmp_path: Path) -> None:
    search = ["-m", *RUN, "search=random", "eta=interval(0.5,3)", "search.trials=4", "search.confirm=1", "epochs=5"]
    with submitted(slurm, tmp_path, *search, "sweep.name=all", "launch=slurm", "launch.workers=2") as searching:
        said = finish(searching)
    assert "sweep all-confirmed: 3 jobs, 0 of them done before" in said
    assert len({path.name.partition("_")[0] for path in tmp_path.glob("outputs/sweeps/all/slurm-*.log")}) == 1
    assert not (tmp_path / "outputs/sweeps/all-confirmed").exists()
    nothing_left(slurm)


def test_a_squeue_that_fails_ends_nothing(slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]) -> None:
    failing = tmp_path / "bin"
    failing.mkdir()
    (failing / "squeue").write_text(f"#!/bin/sh\ntouch {failing}/asked\nexit 1\n")
    (failing / "squeue").chmod(0o755)
    path = f"PATH={failing}:/usr/bin:/bin"
    slow = "launch.setup=['sleep 7']"  # longer than the sweep waits before it asks
    with submitted(slurm, tmp_path, *ON_SLURM, slow, variables=[path]) as sweep:
        finish(sweep)
    assert (failing / "asked").exists()
    assert results(tmp_path) == expected
    nothing_left(slurm)


def test_workers_that_are_all_cancelled_end_the_sweep_and_the_same_command_does_what_is_left(
    slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM) as sweep:
        under_way(tmp_path)
        array = array_of(slurm)
        slurm.says("scancel", array)
        assert f"Slurm has no worker of job {array} any more (2 CANCELLED" in (sweep.communicate()[0])
        assert sweep.returncode == 1
    with submitted(slurm, tmp_path, *ON_SLURM) as again:
        finish(again)
    assert results(tmp_path) == expected
    nothing_left(slurm)


def test_a_sweep_that_is_cancelled_gives_back_what_is_under_way(
    slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM, "launch.wait=false") as sweep:
        finish(sweep)
    under_way(tmp_path)
    slurm.says(sys.executable, "-m", "nnexp.cli", "sweeps", "all", "--cancel", folder=tmp_path)
    nothing_left(slurm)
    assert not list(tmp_path.glob("outputs/sweeps/all/claimed/*"))
    with submitted(slurm, tmp_path, *ON_SLURM) as again:
        finish(again)
    assert results(tmp_path) == expected


def test_ctrl_c_leaves_the_workers_at_it(slurm: Namespace, tmp_path: Path, expected: dict[str, list[str]]) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM) as sweep:
        under_way(tmp_path)
        sweep.send_signal(signal.SIGINT)
        assert "sweep all goes on" in sweep.communicate()[0]
    wait_until((tmp_path / "outputs/sweeps/all/concluded").exists, "it is concluded")
    assert results(tmp_path) == expected
    nothing_left(slurm)


def test_a_partition_that_there_is_not_is_told_and_nothing_is_written(slurm: Namespace, tmp_path: Path) -> None:
    with submitted(slurm, tmp_path, *ON_SLURM, "launch.partition=nowhere") as sweep:
        said = sweep.communicate()[0]
    assert sweep.returncode == 2
    assert said.endswith("got 'allocation failure: Invalid partition name specified', expected options that it takes\n")
    assert list(tmp_path.glob("outputs/*")) == []


def test_the_real_time_limit_is_a_pause(slurm: Namespace, tmp_path: Path) -> None:
    run = ["-m", *RUN, "seed=1,2", "epochs=100000", "sweep.name=all", "launch=slurm", "launch.workers=2"]

    def epochs() -> list[int]:
        return [len(path.read_text().splitlines()) for path in tmp_path.glob("outputs/runs/*/epochs.jsonl")]

    with submitted(slurm, tmp_path, *run, "launch.minutes=1", "launch.warning_seconds=10") as sweep:
        wait_until(lambda: slurm.says("squeue", "-h"), "it is in the queue")
        array = array_of(slurm)
        wait_until(lambda: "Restarts=1" in slurm.says("scontrol", "show", "job", array), "it is back from the queue")
        before = sum(epochs())
        wait_until(lambda: sum(epochs()) > before, "its runs go on")
        assert len(epochs()) == 2, "they are the same runs"
        assert sweep.poll() is None, "who waits for them does so still"
        slurm.says(sys.executable, "-m", "nnexp.cli", "sweeps", "all", "--cancel", folder=tmp_path)
    nothing_left(slurm)
