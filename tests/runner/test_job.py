"""A sweep's job, and what comes back of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from configs import config

from nnexp.config.sweep_settings import Membership
from nnexp.runner.job import Job, Place, worker
from nnexp.runner.result import Outcome
from nnexp.runtime.owned_files import marked

TINY = ("data=digits", "sizes=[64,10]", "epochs=2", "pictures=false", "tracking=off")


def done(folder: Path, *words: str, log: Any = None) -> Outcome:
    job = Job(config(*TINY, *words), Membership("first", ("eta", "seed")), "key")
    return worker()((job, Place(folder / "job", log)))


def test_its_outcome_is_what_its_run_has_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = done(tmp_path, "eta=1")
    assert (outcome.varying, outcome.state, outcome.why) == ({"eta": 1.0, "seed": 0}, "new", ())
    assert outcome.epoch in (1, 2)
    assert outcome.validation is not None
    assert 0.1 < outcome.validation <= 1
    assert (tmp_path / "job/config.yaml").exists()


def test_a_job_that_diverges_has_failed_and_says_why(tmp_path: Path) -> None:
    outcome = done(tmp_path, "eta=1000000", "epochs=5")
    assert (outcome.state, outcome.where) == ("failed", "")
    assert outcome.why[0].startswith("training diverged")


def test_a_bug_is_told_with_the_line_that_it_is_in(tmp_path: Path) -> None:
    outcome = done(tmp_path, log=5)
    assert (outcome.state, outcome.why) == ("failed", ("TypeError: 'int' object is not iterable",))
    assert "nnexp/config/job_log.py:" in outcome.where
    assert "in open_log: " in outcome.where


def test_a_job_is_called_by_what_varies_in_its_sweep() -> None:
    job = Job(config(*TINY, "eta=1"), Membership("first", ("sizes", "eta")), "key")
    assert job.name == "64-10 eta=1"


def test_a_job_of_a_file_with_other_settings_than_its_key_says_has_failed_before_it_trains(tmp_path: Path) -> None:
    job = Job(config(*TINY), Membership("first", ()), "0123456789abcdef" * 4)
    outcome = worker(of_files=True)((job, Place(tmp_path / "job")))
    assert outcome.state == "failed"
    assert outcome.why[0].startswith("key: its settings and data give ")
    assert outcome.why[0].endswith(", expected 01234567, as the sweep named it")
    assert not (tmp_path / "job/config.yaml").exists()


def test_a_job_of_a_file_that_nobody_has_heard_the_end_of_is_begun_anew_in_its_folder(tmp_path: Path) -> None:
    first = done(tmp_path, "eta=1")
    job = Job(config(*TINY, "eta=1"), Membership("first", ("eta", "seed")), marked(tmp_path / "job"))
    again = worker(of_files=True)((job, Place(tmp_path / "job")))
    assert again.why == ()
    assert again.validation == first.validation


def test_any_other_job_writes_over_no_results(tmp_path: Path) -> None:
    done(tmp_path, "eta=1")
    assert done(tmp_path, "eta=1").why == (
        f"{tmp_path}/job: holds the files of an earlier run, expected a folder that is new or empty",
    )
