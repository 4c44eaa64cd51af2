"""A worker that pulls: what it takes, what it tells, and what it leaves to others."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from nnexp.launch.job_events import Died, JobEnded, JobEvent, JobPrinted, JobProgress
from nnexp.launch.launchers.base import Work
from nnexp.launch.pulling.event_lines import EventFile, Follower
from nnexp.launch.pulling.lost_claims import LostClaims
from nnexp.launch.pulling.presence import present
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, Queue, Ticket
from nnexp.launch.pulling.submitter import release, run_pulled
from nnexp.launch.pulling.worker import PATIENCE_SECONDS, Cancelled, Pulling
from nnexp.launch.workers import FORKED, Watch, run_all
from nnexp.runtime.signals import Interrupted

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # a worker can't import a test

JOBS = ("aa", "bb", "cc")
OUTSIDE = {"nnexp.host": os.uname().nodename, "nnexp.process": "999999999 1"}  # no process that there is


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """One whose jobs are their keys, and no more will come."""
    made = Queue(tmp_path / "s")
    made.make()
    for number, key in enumerate(JOBS):
        made.put(Ticket(number, key), {"job": key})
    made.mark(CLOSED)
    return made


def outcome(value: Any) -> dict[str, Any]:
    return {"value": value, "why": []}


def pulling(queue: Queue, worker: str = "a1", clock: Clock | None = None) -> Pulling:
    clock = clock or Clock()
    (queue.folder / f"workers/{worker}.json").touch()
    return Pulling(queue, worker, lambda value: value, outcome, clock.sleep, clock)


def test_it_takes_jobs_in_their_order(queue: Queue) -> None:
    jobs = pulling(queue)
    assert [next(jobs), next(jobs)] == ["aa", "bb"]
    assert queue.claims() == {Ticket(0, "aa"): "a1", Ticket(1, "bb"): "a1"}


def test_a_job_that_is_not_what_its_files_name_says_is_a_failed_job(queue: Queue) -> None:
    (queue.folder / "workers/a1.json").touch()
    clock = Clock()
    jobs = Pulling(queue, "a1", lambda value: value, outcome, clock.sleep, clock, lambda job, key: key == "bb")
    assert next(jobs) == "bb"
    assert queue.outcome(Ticket(0, "aa")) == {"died": "is not the job that its name says"}


@pytest.mark.parametrize("content", ["[" * 100_000, "{", "[]", '{"job": '])
def test_a_file_that_can_not_be_read_is_a_failed_job(queue: Queue, content: str) -> None:
    (queue.folder / "waiting/000000-aa-0.json").write_text(content)
    assert next(pulling(queue)) == "bb"
    assert queue.outcome(Ticket(0, "aa"))["died"].startswith("can't be read: ")


def test_two_take_different_jobs(queue: Queue) -> None:
    one, other = pulling(queue, "a1"), pulling(queue, "b2")
    assert [next(one), next(other), next(one), next(other)] == ["aa", "bb", "cc", None]


def test_it_has_none_for_now_while_one_of_its_own_runs(queue: Queue) -> None:
    jobs = pulling(queue)
    assert [next(jobs) for _ in range(4)] == [*JOBS, None]


def test_it_ends_when_no_job_is_left(queue: Queue) -> None:
    jobs = pulling(queue)
    for number, _ in enumerate(JOBS):
        next(jobs)
        jobs.hear(number, JobEnded("fine"))
    assert next(jobs, "no more") == "no more"
    assert jobs.done == 3


def test_it_waits_for_what_others_may_give_back(queue: Queue) -> None:
    clock = Clock()
    jobs = pulling(queue, clock=clock)
    for ticket in queue.waiting():
        queue.claim(ticket, "b2")
    with present(queue.folder / "workers/b2.json", {}):
        sleep = clock.sleep

        def until_it_is_given_back(seconds: float) -> None:
            sleep(seconds)
            if clock.now > 5:
                queue.give_back(Ticket(0, "aa"), "b2", killed=False)

        jobs._sleep = until_it_is_given_back
        assert next(jobs) == "aa"


def test_an_outcome_appears_and_is_told(queue: Queue) -> None:
    jobs = pulling(queue)
    next(jobs)
    jobs.hear(0, JobProgress(1, 2, "half"))
    jobs.hear(0, JobPrinted("hello"))
    jobs.hear(0, JobEnded("fine"))
    assert queue.outcome(Ticket(0, "aa")) == {"outcome": outcome("fine")}
    name = Ticket(0, "aa").id
    told = [(name, JobProgress(1, 2, "half")), (name, JobPrinted("hello")), (name, None)]
    assert list(Follower(queue.folder / "workers").news()) == told


def test_a_job_that_kills_its_worker_twice_is_a_failed_job(queue: Queue) -> None:
    jobs = pulling(queue)
    for number, name in enumerate(["aa", "aa"]):
        assert next(jobs) == name
        jobs.hear(number, JobEnded(Died("was killed by SIGKILL")))
    assert queue.outcomes() == {Ticket(0, "aa"): True}
    assert queue.outcome(Ticket(0, "aa")) == {"died": "was killed by SIGKILL"}


def test_what_it_has_begun_is_given_back_uncounted(queue: Queue) -> None:
    jobs = pulling(queue)
    next(jobs)
    jobs.give_back()
    assert (queue.claims(), [ticket.kills for ticket in queue.waiting()]) == ({}, [0, 0, 0])


def test_a_job_that_was_taken_from_it_is_to_stop_and_its_end_counts_for_nothing(queue: Queue) -> None:
    jobs = pulling(queue)
    next(jobs)
    queue.give_back(Ticket(0, "aa"), "a1", killed=True)
    assert list(jobs.unwanted()) == [0]
    jobs.hear(0, JobEnded(Died("was stopped")))
    assert queue.outcomes() == {}
    assert queue.waiting()[0] == Ticket(0, "aa", kills=1)


def test_a_job_that_was_given_back_comes_before_those_that_are_known_to_wait(queue: Queue) -> None:
    one, other = pulling(queue, "a1"), pulling(queue, "b2")
    assert [next(other), next(one)] == ["aa", "bb"]
    other.give_back()
    assert [next(one), next(one)] == ["aa", "cc"]


def test_a_job_that_has_an_outcome_is_not_done_again(queue: Queue) -> None:
    queue.claim(Ticket(0, "aa"), "b2")
    queue.end(Ticket(0, "aa"), "b2", {"outcome": 1}, failed=False)
    queue.put(Ticket(0, "aa", kills=1), {"job": "aa"})  # given back by one who took b2 for gone
    assert next(pulling(queue)) == "bb"
    assert queue.outcome(Ticket(0, "aa")) == {"outcome": 1}


def test_what_is_no_job_is_a_failed_job(queue: Queue) -> None:
    (queue.folder / "waiting" / Ticket(0, "aa").name).write_text("{")
    assert next(pulling(queue)) == "bb"
    assert queue.outcome(Ticket(0, "aa"))["died"].startswith("can't be read: JSONDecodeError")


def test_a_cancelled_sweep_stops_it(queue: Queue) -> None:
    jobs = pulling(queue)
    next(jobs)
    queue.mark(CANCELLED)
    with pytest.raises(Cancelled):
        jobs.unwanted()


def test_it_does_not_wait_for_ever_for_one_who_is_gone(queue: Queue) -> None:
    for ticket in queue.waiting():
        queue.drop(ticket)
    queue.unmark(CLOSED)
    clock = Clock()
    assert next(pulling(queue, clock=clock), "no more") == "no more"
    assert clock.now >= PATIENCE_SECONDS


def test_on_a_full_disk_it_is_told_what_has_ended_the_worker(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def stopped() -> None:
        with present(queue.folder / "workers/a1.json", {}):
            monkeypatch.setattr("nnexp.runtime.owned_files.write", full)
            jobs = pulling(queue)
            next(jobs)
            jobs.give_back()
            raise Interrupted(signal.SIGTERM)

    with pytest.raises(Interrupted):
        stopped()
    assert (queue.claims(), len(queue.waiting())) == ({}, 3)


# Workers that are gone.


def lost(queue: Queue, own: str = "b2") -> LostClaims:
    (queue.folder / f"workers/{own}.json").touch()
    return LostClaims(queue, queue.folder / f"workers/{own}.json", Clock())


def test_what_a_worker_has_that_is_gone_is_given_back(queue: Queue) -> None:
    queue.claim(Ticket(0, "aa"), "a1")
    (queue.folder / "workers/a1.json").write_text(json.dumps(OUTSIDE))
    lost(queue).give_back()
    assert queue.waiting()[0] == Ticket(0, "aa", kills=1)


def test_what_a_worker_has_that_is_there_stays_with_it(queue: Queue) -> None:
    queue.claim(Ticket(0, "aa"), "a1")
    with present(queue.folder / "workers/a1.json", {}):
        lost(queue).give_back()
    assert queue.claims() == {Ticket(0, "aa"): "a1"}


@pytest.mark.parametrize(("seconds", "stays"), [(60, True), (200, False)])
def test_a_worker_of_another_machine_is_gone_when_it_no_longer_touches_its_file(
    queue: Queue, seconds: float, stays: bool
) -> None:
    queue.claim(Ticket(0, "aa"), "a1")
    file = queue.folder / "workers/a1.json"
    file.write_text(json.dumps({**OUTSIDE, "nnexp.host": "another"}))
    looked = lost(queue)
    now = (queue.folder / "workers/b2.json").stat().st_mtime
    os.utime(file, (now - seconds, now - seconds))
    looked.give_back()
    assert bool(queue.claims()) is stays


def test_a_job_that_two_workers_were_lost_with_is_a_failed_job(queue: Queue) -> None:
    queue.claim(Ticket(0, "aa"), "c3")
    queue.give_back(Ticket(0, "aa"), "c3", killed=True)
    queue.claim(Ticket(0, "aa", 1), "a1")
    lost(queue).give_back()  # a worker without a file
    assert queue.outcomes() == {Ticket(0, "aa"): True}


# A line that is not whole yet, and the whole of it in processes.


def test_half_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    follower, file = Follower(tmp_path), EventFile(tmp_path, "a1")
    file.tell("x", JobPrinted("one"))
    with (tmp_path / "a1.events").open("a") as half:
        half.write('{"job": "x", "prin')
    assert list(follower.news()) == [("x", JobPrinted("one"))]
    with (tmp_path / "a1.events").open("a") as half:
        half.write('ted": "two"}\n')
    assert list(follower.news()) == [("x", JobPrinted("two"))]


def do(job: str) -> str:
    print(f"job {job}")
    if job == "bb":
        os.kill(os.getpid(), signal.SIGKILL)
    return job.upper()


def test_a_job_that_kills_its_process_costs_the_others_nothing(queue: Queue) -> None:
    jobs = pulling(queue)
    run_all(lambda: do, jobs, 1, jobs.hear, FORKED, Watch(0.1, jobs.unwanted))
    assert queue.outcomes() == {Ticket(0, "aa"): False, Ticket(1, "bb"): True, Ticket(2, "cc"): False}
    assert queue.outcome(Ticket(1, "bb")) == {"died": "was killed by SIGKILL"}
    assert queue.waiting() == []


# The command's side, with all done before it looks.


@pytest.fixture
def answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[Any], list[Any]]]:
    """`run_pulled` while a worker does what it has put; gives the outcomes, and the events."""
    monkeypatch.chdir(tmp_path)

    def run(jobs: Any, at_once: int = 2, **others: Any) -> tuple[list[Any], list[tuple[int, JobEvent]]]:
        events: list[tuple[int, JobEvent]] = []

        def pull(_: float) -> None:
            queue = Queue(tmp_path / "outputs/sweeps/s")
            for ticket in queue.waiting():
                queue.claim(ticket, "a1")
                failed = ticket.key == "bb"
                told = {"died": "left with exit code 3"} if failed else {"outcome": ticket.key.upper()}
                queue.end(ticket, "a1", told, failed)
                EventFile(queue.folder / "workers", "a1").tell(ticket.id, JobEnded(None))

        monkeypatch.setattr("nnexp.launch.pulling.submitter.time.sleep", pull)
        work = Work(lambda: do, "s", ("-m",), more=others.pop("more", False))
        outcomes = run_pulled(work, jobs, at_once, lambda number, event: events.append((number, event)), **others)
        return outcomes, events

    return run


def test_outcomes_come_in_the_order_of_the_jobs(answered: Any) -> None:
    outcomes, events = answered(["cc", "bb", "aa"])
    assert outcomes == ["CC", Died("left with exit code 3"), "AA"]
    assert events == [(number, JobEnded(outcome)) for number, outcome in enumerate(outcomes)]


def test_the_same_command_again_does_anew_what_it_is_given(answered: Any, tmp_path: Path) -> None:
    for _ in range(2):
        assert answered(["aa", "bb"])[0] == ["AA", Died("left with exit code 3")]
    assert [ticket.number for ticket in Queue(tmp_path / "outputs/sweeps/s").ended()] == [0, 1, 2, 3]


def test_of_jobs_that_come_one_by_one_so_many_wait_as_there_are_workers(answered: Any, tmp_path: Path) -> None:
    most = []

    def jobs() -> Any:
        for number in range(5):
            most.append(len(Queue(tmp_path / "outputs/sweeps/s").waiting()))
            yield f"j{number}"

    assert answered(jobs())[0] == ["J0", "J1", "J2", "J3", "J4"]
    assert max(most) == 1  # and the one that comes


class Counting:
    """An engine that counts how often it starts workers, which stay."""

    kind = "slurm"
    remembers = ("array", "log")

    def __init__(self) -> None:
        self.starts = 0

    def check(self) -> None: ...

    def start(self, queue: Path, workers: int) -> dict[str, str]:
        self.starts += 1
        return {"array": "12", "log": "a.log"}

    def lost(self, facts: Any) -> str:
        return ""

    def cancel(self, facts: Any) -> None: ...


def test_workers_stay_for_more_jobs_of_the_same_command(answered: Any, tmp_path: Path) -> None:
    engine, there = Counting(), Queue(tmp_path / "outputs/sweeps/s")
    assert answered(iter(["aa", "cc"]), more=True, engine=engine)[0] == ["AA", "CC"]
    assert not there.is_marked(CLOSED)
    assert answered(["dd"], engine=engine)[0] == ["DD"]
    assert (engine.starts, there.is_over, there.first) == (1, True, 3)


def test_workers_that_have_stayed_are_released(answered: Any, tmp_path: Path) -> None:
    there = Queue(tmp_path / "outputs/sweeps/s")
    release("s")  # there are none yet
    answered(iter(["aa"]), more=True)
    release("s")
    assert (there.is_over, there.first) == (True, 1)
