"""What a worker tells of its jobs, and how much of it is written."""

from __future__ import annotations

from pathlib import Path

from nnexp.launch.job_events import JobEnded, JobPrinted, JobProgress
from nnexp.launch.pulling.event_lines import EventFile, Follower


class Clock:
    """Time that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def progress(epoch: int) -> JobProgress:
    return JobProgress(epoch, 1000, f"epoch {epoch}")


def test_of_a_second_of_epochs_one_is_written_beside_the_first_and_the_last(tmp_path: Path) -> None:
    clock = Clock()
    events = EventFile(tmp_path, "a1", clock)
    for epoch in range(1000):
        clock.now = epoch / 500
        events.tell("x", progress(epoch))
    events.tell("x", JobEnded(None))
    told = list(Follower(tmp_path).news())
    assert told == [("x", progress(0)), ("x", progress(500)), ("x", progress(999)), ("x", None)]


def test_what_has_waited_is_written_when_it_is_time(tmp_path: Path) -> None:
    clock, follower = Clock(), Follower(tmp_path)
    events = EventFile(tmp_path, "a1", clock)
    for epoch in range(3):
        events.tell("x", progress(epoch))
    events.flush()
    assert list(follower.news()) == [("x", progress(0))]
    clock.now = 1.0
    events.flush()
    events.flush()
    assert list(follower.news()) == [("x", progress(2))]


def test_jobs_do_not_wait_for_each_other(tmp_path: Path) -> None:
    events = EventFile(tmp_path, "a1", Clock())
    events.tell("x", progress(0))
    events.tell("y", progress(0))
    assert list(Follower(tmp_path).news()) == [("x", progress(0)), ("y", progress(0))]


def test_what_a_job_prints_comes_at_once_behind_how_far_it_was(tmp_path: Path) -> None:
    events = EventFile(tmp_path, "a1", Clock())
    for epoch in range(3):
        events.tell("x", progress(epoch))
    events.tell("x", JobPrinted("hello"))
    assert list(Follower(tmp_path).news()) == [("x", progress(0)), ("x", progress(2)), ("x", JobPrinted("hello"))]


def test_of_a_job_that_prints_without_end_the_beginning_is_kept_and_how_much_more_there_was(tmp_path: Path) -> None:
    events, line = EventFile(tmp_path, "a1", Clock()), "x" * 999
    for _ in range(1000):
        events.tell("x", JobPrinted(line))
    events.tell("y", JobPrinted("another job"))
    events.tell("x", JobEnded(None))
    told = list(Follower(tmp_path).news())
    assert told[:100] == [("x", JobPrinted(line))] * 100
    left_out = JobPrinted("(left out of what it printed: 899,100 more characters)")
    assert told[100:] == [("y", JobPrinted("another job")), ("x", left_out), ("x", None)]


def test_of_one_line_without_end_the_beginning_is_kept(tmp_path: Path) -> None:
    events = EventFile(tmp_path, "a1", Clock())
    events.tell("x", JobPrinted("x" * 1_000_000))
    assert list(Follower(tmp_path).news()) == [("x", JobPrinted("x" * 100_000))]


def test_of_a_job_that_was_taken_away_no_more_is_written(tmp_path: Path) -> None:
    clock = Clock()
    events = EventFile(tmp_path, "a1", clock)
    for epoch in range(3):
        events.tell("x", progress(epoch))
    events.forget("x")
    clock.now = 9.0
    events.flush()
    assert list(Follower(tmp_path).news()) == [("x", progress(0))]
