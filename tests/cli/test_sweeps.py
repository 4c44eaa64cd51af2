"""`nnexp sweeps`: what it shows of a queue, and what it refuses."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from pathlib import Path

import pytest
from commands import nnexp

from nnexp.launch.job_events import JobEnded, JobProgress
from nnexp.launch.pulling.event_lines import EventFile
from nnexp.launch.pulling.presence import announced, present
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, WORKERS, Queue, Ticket
from nnexp.launch.pulling.queue_file import queue_of, write


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """Of four jobs: one is done, one has failed, one is being done, one waits."""
    with contextlib.chdir(tmp_path):
        made = queue_of("eta-seed")
        made.make()
        write(made, ["-m", "eta=1,2"])
    tickets = [Ticket(number, f"k{number}") for number in range(4)]
    for ticket in tickets:
        made.put(ticket, {"job": {"name": f"eta={ticket.number}"}})
    for ticket in tickets[:3]:
        made.claim(ticket, "a1")
    made.end(tickets[0], "a1", {"outcome": {"why": []}}, failed=False)
    made.end(tickets[1], "a1", {"died": "was killed by SIGKILL"}, failed=True)
    events = EventFile(made.folder / WORKERS, "a1")
    events.tell(tickets[1].id, JobEnded(None))
    events.tell(tickets[2].id, JobProgress(1, 2, "test 90 %"))
    made.mark(CLOSED)
    return made


def test_a_sweep_is_a_row_with_its_jobs_counted_by_state(tmp_path: Path, queue: Queue) -> None:
    with present(queue.folder / WORKERS / "a1.json", {"jobs": 2}):
        (row,) = json.loads(nnexp(tmp_path, "sweeps", "--json").stdout)["sweeps"]
    del row["since"]
    counted = {"jobs": 4, "done": 1, "running": 1, "waiting": 1, "failed": 1, "workers": 1}
    assert row == {"sweep": "eta-seed", **counted, "state": "running"}


def test_that_there_is_no_sweep_is_said_with_where_it_was_looked(tmp_path: Path) -> None:
    done = nnexp(tmp_path, "sweeps")
    told = f"no sweep has a queue in {tmp_path}/outputs/sweeps; launch=workers, slurm and ray make one\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", told)
    assert json.loads(nnexp(tmp_path, "sweeps", "--json").stdout)["sweeps"] == []


def test_that_no_worker_is_there_is_said(tmp_path: Path, queue: Queue) -> None:
    assert nnexp(tmp_path, "sweeps").stdout.rstrip().endswith("no worker")


def test_a_worker_that_was_stopped_and_gives_no_sign_is_told(tmp_path: Path, queue: Queue) -> None:
    file = queue.folder / WORKERS / "a1.json"
    with announced(file, {"jobs": 2}):
        os.utime(file, (time.time() - 100,) * 2)
        shown = nnexp(tmp_path, "sweeps", "eta").stdout
        (row,) = json.loads(nnexp(tmp_path, "sweeps", "--json").stdout)["sweeps"]
    assert re.search(r"no sign for 1\d\d s\n", shown)
    assert row["state"] == "no sign"


def test_a_sweep_by_the_beginning_of_its_name_is_its_jobs_and_workers(tmp_path: Path, queue: Queue) -> None:
    with present(queue.folder / WORKERS / "a1.json", {"jobs": 2}):
        shown = json.loads(nnexp(tmp_path, "sweeps", "eta", "--json").stdout)
    assert [(job["name"], job["state"], job["worker"], job["progress"]) for job in shown["jobs"]] == [
        ("eta=0", "done", "", ""),
        ("eta=1", "failed", "", ""),
        ("eta=2", "running", "a1", "test 90 %"),
        ("eta=3", "waiting", "", ""),
    ]
    assert [(worker["worker"], worker["at once"]) for worker in shown["workers"]] == [("a1", 2)]


def test_a_job_that_was_put_again_is_one_job(tmp_path: Path, queue: Queue) -> None:
    queue.put(Ticket(4, "k1"), {"job": {"name": "eta=1"}})
    (row,) = json.loads(nnexp(tmp_path, "sweeps", "--json").stdout)["sweeps"]
    assert (row["jobs"], row["failed"], row["waiting"]) == (4, 0, 2)


def test_following_ends_when_all_jobs_are_over(tmp_path: Path, queue: Queue) -> None:
    queue.end(Ticket(2, "k2"), "a1", {"outcome": {"why": []}}, failed=False)
    queue.claim(Ticket(3, "k3"), "a1")
    queue.end(Ticket(3, "k3"), "a1", {"outcome": {"why": ["training diverged"]}}, failed=True)
    done = nnexp(tmp_path, "sweeps", "eta-seed", "--follow")
    assert "eta=1  failed: was killed by SIGKILL" in done.stdout
    assert "eta=3  failed: training diverged" in done.stdout
    assert done.stdout.endswith("sweep eta-seed: 2 of 4 jobs done, 2 failed\n")


def test_cancelling_marks_the_sweep_and_says_what_is_left(tmp_path: Path, queue: Queue) -> None:
    queue.end(Ticket(2, "k2"), "a1", {"outcome": {"why": []}}, failed=False)
    done = nnexp(tmp_path, "sweeps", "eta-seed", "--cancel")
    assert done.stdout == "sweep eta-seed is cancelled: 1 job not done; the same command again does them\n"
    assert queue.is_marked(CANCELLED)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--follow"], "--follow: got no NAME, expected that of a sweep"),
        (["beta"], "NAME: got 'beta', expected one of the sweeps with a queue here: eta-seed"),
        (["eta", "--conclude"], "sweep eta-seed: 2 jobs not done yet (000002-k2 is the first), expected none"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, queue: Queue, words: list[str], message: str) -> None:
    done = nnexp(tmp_path, "sweeps", *words)
    assert (done.returncode, done.stderr) == (2, f"{message}\n")


def test_a_worker_for_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    done = nnexp(tmp_path, "worker", ".")
    assert (done.returncode, done.stderr) == (
        2,
        f"{tmp_path}: is no sweep's folder, expected one such as outputs/sweeps/NAME\n",
    )
