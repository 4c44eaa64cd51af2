"""Worker processes: one job's end is no other's."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from running import PATIENCE

from nnexp.launch.display import Tally
from nnexp.launch.job_events import Died, JobEnded, JobEvent, JobPrinted, JobProgress
from nnexp.launch.workers import run_all
from nnexp.runtime.signals import Interrupted

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # a worker can't import a test


def tell(progress: JobProgress) -> None:
    """What a job in a worker reports by."""
    from nnexp.launch.job_events import TELL  # a context variable can't be sent along

    listener = TELL.get()
    assert listener
    listener(progress)


def outcomes(job: Callable[[Any], Any], *jobs: Any, workers: int = 2) -> tuple[list[Any], list[tuple[int, JobEvent]]]:
    """What comes of the jobs, and what was told meanwhile."""
    events: list[tuple[int, JobEvent]] = []
    came = run_all(lambda: job, jobs, workers, lambda number, event: events.append((number, event)))
    return came, events


def test_outcomes_come_in_the_order_of_the_jobs() -> None:
    def job(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    assert outcomes(job, 0.3, 0.0, 0.1)[0] == [0.3, 0.0, 0.1]


def test_a_job_that_is_killed_takes_no_other_with_it() -> None:
    def job(number: int) -> int:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert outcomes(job, 0, 1, 2, 3)[0] == [0, Died("was killed by SIGKILL"), 2, 3]


def test_a_job_that_leaves_by_sys_exit_takes_no_other_with_it() -> None:
    def job(number: int) -> int:
        if number == 0:
            sys.exit(3)
        return number

    assert outcomes(job, 0, 1, 2, workers=1)[0] == [Died("left with exit code 3"), 1, 2]


def test_an_outcome_that_can_not_be_sent_is_told_and_the_worker_goes_on() -> None:
    def job(number: int) -> Any:
        return threading.Lock() if number == 0 else os.getpid()

    came, _ = outcomes(job, 0, 1, 2, workers=1)
    assert "can't be sent back" in came[0].how
    assert came[1] == came[2]


def test_a_worker_is_started_once_for_all_of_its_jobs() -> None:
    came, _ = outcomes(lambda _: os.getpid(), *range(6))
    assert 1 <= len(set(came)) <= 2


def test_what_a_job_prints_and_reports_is_told_with_its_number() -> None:
    def job(number: int) -> None:
        if number == 1:
            print("hello")
            tell(JobProgress(1, 2, "half"))

    _, events = outcomes(job, 0, 1)
    told = [event for number, event in events if number == 1]
    assert told == [JobPrinted("hello"), JobProgress(1, 2, "half"), JobEnded(None)]


def test_an_interrupt_leaves_no_worker(tmp_path: Path) -> None:
    def job(number: int) -> None:
        (tmp_path / str(number)).write_text(str(os.getpid()))
        tell(JobProgress(0, 1))
        time.sleep(1000)

    def interrupt(number: int, event: JobEvent) -> None:
        if sum(file.stat().st_size > 0 for file in tmp_path.iterdir()) == 2:
            raise Interrupted(signal.SIGINT)

    started = time.monotonic()
    with pytest.raises(Interrupted):
        run_all(lambda: job, [0, 1, 2], 2, interrupt)
    assert time.monotonic() - started < 200  # less than a second; not to be taken for the job's own end
    for file in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.read_text()), 0)


def test_a_worker_is_told_to_stop_before_it_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnexp.launch.workers.GRACE_SECONDS", PATIENCE)

    def job(_: int) -> None:
        signal.signal(signal.SIGTERM, lambda *_: (tmp_path / "told").write_text("yes") and sys.exit())
        tell(JobProgress(0, 1))
        while True:  # Python does not hear a signal that comes between its last look and the beginning of a long sleep
            time.sleep(0.01)

    def interrupt(number: int, event: JobEvent) -> None:
        raise Interrupted(signal.SIGINT)

    with pytest.raises(Interrupted):
        run_all(lambda: job, [0], 1, interrupt)
    assert (tmp_path / "told").exists()


# What is shown of it.


def failure(outcome: Any) -> str:
    return outcome.how if isinstance(outcome, Died) else ""


def test_a_job_that_ends_well_is_a_line_with_how_it_stood() -> None:
    tally = Tally(["a", "b"], failure)
    tally.hear(0, JobProgress(2, 4, "test 97 %"))
    assert tally.share == 0.25
    assert tally.hear(0, JobEnded("fine")) == "1/2  a  test 97 %"
    assert (tally.share, tally.in_words()) == (0.5, "1 of 2 jobs, 2 epochs")


def test_a_job_that_fails_is_a_line_that_says_why() -> None:
    tally = Tally(["a", "b"], failure)
    assert tally.hear(1, JobEnded(Died("was killed by SIGKILL"))) == "1/2  b  failed: was killed by SIGKILL"
    assert tally.in_words() == "1 of 2 jobs, 1 failed"


def test_a_printed_line_is_shown_with_the_name_of_its_job() -> None:
    assert Tally(["a", "b"], failure).hear(1, JobPrinted("hello")) == "[b] hello"
