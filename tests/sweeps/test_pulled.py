"""Sweeps whose jobs are pulled by workers, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from commands import nnexp, nnexp_process
from processes import group, line_of, paused, rest_of, started, wait_until
from running import run_nnexp
from searching import runs, told, trials_in, weights

from nnexp.launch.pulling.queue import CLAIMED, CLOSED, Queue

pytestmark = pytest.mark.slow

QUICK = ("data=digits", "sizes=[64,10]", "tracking=folder", "pictures=false")
SWEEP = ("-m", *QUICK, "eta=0.5,1.0", "seed=range(8)", "epochs=20", "sweep.name=s", "checkpoint_seconds=0.1")
LONG = ("-m", *QUICK, "sizes=[64,30,10]", "seed=range(4)", "epochs=1000", "sweep.name=s", "checkpoint_seconds=0.1")
PULLED = "launch=workers"
Started = AbstractContextManager["subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The weights, by key, of the sweeps above, one job after the other and undisturbed."""
    found = {}
    for name, words in {"sweep": SWEEP, "long": LONG}.items():
        folder = tmp_path_factory.mktemp(name)
        done = run_nnexp(folder, *words, "launch=serial")
        assert done.returncode == 0, done.stderr
        found[name] = weights(folder)
    return found


def queue(folder: Path) -> Queue:
    return Queue(folder / "outputs/sweeps/s")


def sweep(folder: Path, *words: str) -> Started:
    return started(folder, *words, PULLED)


def worker(folder: Path, *words: str) -> Started:
    return started(folder, "worker", str(queue(folder).folder), *words, module="nnexp.cli")


def are_put(folder: Path) -> None:
    wait_until((queue(folder).folder / CLOSED).exists, "all jobs wait for workers")


def trains(folder: Path, count: int = 1) -> None:
    """Wait until so many runs that are not over have left a checkpoint."""
    found = folder / "outputs/checkpoints"
    wait_until(lambda: len({path.parent for path in found.glob("*/*.npz")}) >= count, "a run has a checkpoint")


def is_the_serial_one(folder: Path, serial: dict[str, str]) -> None:
    found = runs(folder)
    assert sorted(run.tags["nnexp.key"] for run in found) == sorted(serial)
    assert {run.status for run in found} == {"FINISHED"}
    assert weights(folder) == serial
    assert len(queue(folder).outcomes()) == len(serial)
    assert not list((queue(folder).folder / CLAIMED).iterdir())


def test_two_workers_do_what_one_process_does(tmp_path: Path, serial: dict[str, dict[str, str]]) -> None:
    with sweep(tmp_path, *SWEEP) as process:
        are_put(tmp_path)
        with worker(tmp_path, "--workers", "1") as one, worker(tmp_path, "--workers", "1") as other:
            output, _ = process.communicate()
            said = [rest_of(each) for each in (one, other)]
    assert (process.returncode, one.returncode, other.returncode) == (0, 0, 0), output
    assert "verdict" in output
    assert all("no job is left" in each for each in said)
    is_the_serial_one(tmp_path, serial["sweep"])


def test_what_a_killed_worker_had_is_done_by_another(tmp_path: Path, serial: dict[str, dict[str, str]]) -> None:
    with sweep(tmp_path, *LONG) as process:
        are_put(tmp_path)
        with worker(tmp_path, "--workers", "2") as first:
            trains(tmp_path, 2)
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        with worker(tmp_path, "--workers", "2"):
            output, _ = process.communicate()
    assert process.returncode == 0, output
    is_the_serial_one(tmp_path, serial["long"])


def test_a_stopped_worker_gives_back_what_it_had_uncounted(tmp_path: Path) -> None:
    with sweep(tmp_path, *LONG):
        are_put(tmp_path)
        with worker(tmp_path, "--workers", "2") as first:
            trains(tmp_path, 2)
            first.terminate()
            said = rest_of(first)
        assert first.returncode == 128 + signal.SIGTERM
        assert "stopped by SIGTERM; what was under way is given back" in said
        left = queue(tmp_path).waiting()
        assert left
        assert {ticket.kills for ticket in left} == {0}
        assert "KILLED" in {run.status for run in runs(tmp_path)}


def test_the_same_command_again_goes_on_where_a_killed_one_was(
    tmp_path: Path, serial: dict[str, dict[str, str]]
) -> None:
    with sweep(tmp_path, *LONG) as process:
        are_put(tmp_path)
        with worker(tmp_path, "--workers", "2"):
            trains(tmp_path)
            process.kill()
            process.wait()
            with sweep(tmp_path, *LONG) as again:
                output, _ = again.communicate()
    assert again.returncode == 0, output
    is_the_serial_one(tmp_path, serial["long"])
    assert max(ticket.number for ticket in queue(tmp_path).outcomes()) == 3


def test_a_sweep_that_nobody_waits_for_is_concluded_by_its_last_worker(
    tmp_path: Path, serial: dict[str, dict[str, str]]
) -> None:
    left = run_nnexp(tmp_path, *SWEEP, PULLED, "launch.wait=false")
    assert left.returncode == 0, left.stderr
    assert left.stderr.startswith("sweep s goes on; `nnexp sweeps s --follow` shows it")
    (row,) = json.loads(nnexp(tmp_path, "sweeps", "--json").stdout)["sweeps"]
    assert (row["waiting"], row["state"]) == (16, "no worker")
    refused = nnexp(tmp_path, "sweeps", "s", "--conclude")
    assert (refused.returncode, refused.stderr.split(" (")[0]) == (2, "sweep s: 16 jobs not done yet")
    done = nnexp_process(tmp_path, "worker", "outputs/sweeps/s")
    assert done.returncode == 0, done.stderr
    assert "nobody waits for sweep s: it is concluded here" in done.stdout
    assert "verdict" in done.stdout
    is_the_serial_one(tmp_path, serial["sweep"])
    (row,) = json.loads(nnexp(tmp_path, "sweeps", "--json").stdout)["sweeps"]
    assert (row["done"], row["state"]) == (16, "done")


def test_a_cancelled_sweep_stores_what_is_under_way_and_the_same_command_goes_on(
    tmp_path: Path, serial: dict[str, dict[str, str]]
) -> None:
    with sweep(tmp_path, *LONG) as process:
        are_put(tmp_path)
        with worker(tmp_path, "--workers", "2") as pulling:
            trains(tmp_path, 2)
            with paused(pulling):  # the command takes longer than a quick machine to train
                cancelled = nnexp(tmp_path, "sweeps", "s", "--cancel")
            output, _ = process.communicate()
            said = rest_of(pulling)
    assert cancelled.returncode == 0, cancelled.stderr
    assert (process.returncode, pulling.returncode) == (1, 0)
    assert "sweep s was cancelled; the same command again does what is left" in output
    assert "the sweep was cancelled" in said
    assert {run.status for run in runs(tmp_path)} <= {"KILLED", "FINISHED"}
    with sweep(tmp_path, *LONG) as again:
        line_of(again, "on each machine")  # the marks of the first command are there until then
        with worker(tmp_path):
            output = rest_of(again)
    assert again.returncode == 0, output
    assert weights(tmp_path) == serial["long"]


def test_ctrl_c_without_a_terminal_leaves_it_to_its_workers(tmp_path: Path, serial: dict[str, dict[str, str]]) -> None:
    with sweep(tmp_path, *LONG) as process:
        are_put(tmp_path)
        with worker(tmp_path) as pulling:
            trains(tmp_path)
            os.killpg(process.pid, signal.SIGINT)
            output, _ = process.communicate()
            said = rest_of(pulling)
        wait_until(lambda: not group(process.pid), "the command is gone", 60)
    assert process.returncode == 128 + signal.SIGINT
    assert "sweep s goes on" in output
    assert "nobody waits for sweep s: it is concluded here" in said
    is_the_serial_one(tmp_path, serial["long"])


def test_a_search_is_done_by_workers(tmp_path: Path) -> None:
    words = ("-m", *QUICK, "search=random", "search.prune=median", "eta=interval(0.5,3)", "epochs=6", "sweep.name=s")
    words += ("search.trials=8", "search.confirm=1", "launch.workers=1")
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    assert run_nnexp(here, *words, "launch=serial").returncode == 0
    with sweep(there, *words) as process:
        line_of(process, "on each machine")
        with worker(there, "--workers", "1") as searching:
            output = rest_of(process)
            said = rest_of(searching)
    assert (process.returncode, searching.returncode) == (0, 0), output + said
    assert "sweep s-confirmed: 3 jobs, 0 of them done before" in output
    assert [path.name for path in there.glob("outputs/sweeps/*")] == ["s"]
    assert "11 jobs done here" in said  # of the search, and its confirmation
    assert told(trials_in(there, "s")) == told(trials_in(here, "s"))
    assert weights(there) == weights(here)


def test_a_search_is_not_left_alone(tmp_path: Path) -> None:
    words = ("-m", *QUICK, "search=random", "eta=interval(0.5,3)", "sweep.name=s", PULLED, "launch.wait=false")
    done = run_nnexp(tmp_path, *words)
    assert (done.returncode, done.stderr) == (
        2,
        "launch.wait: got False, expected true: a search chooses its next job by what has come of others\n",
    )
    assert not (tmp_path / "outputs/searches").exists()
