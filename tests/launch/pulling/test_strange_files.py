"""Files in a sweep's folder that are not as nnexp writes them: no fact is taken from them, and nobody fails by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnexp.errors import ConfigError, UsageError
from nnexp.launch.job_events import Died, JobProgress
from nnexp.launch.launchers.base import Work
from nnexp.launch.pulling.engine_file import engine_of
from nnexp.launch.pulling.event_lines import EventFile, Follower
from nnexp.launch.pulling.presence import facts_of
from nnexp.launch.pulling.queue import Queue, Ticket
from nnexp.launch.pulling.status import workers_now
from nnexp.launch.pulling.submitter import run_pulled
from nnexp.runtime.heartbeat import is_alive, this_process

DEEP = "[" * 100_000
JOB = Ticket(0, "aa")


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.chdir(tmp_path)
    made = Queue(tmp_path / "outputs/sweeps/s")
    made.make()
    return made


@pytest.mark.parametrize(
    "name",
    [
        "0000000-aa-0.json",
        "000000-aa-00.json",
        f"{'9' * 13}-aa-0.json",
        "00000\N{ARABIC-INDIC DIGIT ZERO}-aa-0.json",
        f"000000-aa-{'9' * 7}.json",
    ],
)
def test_a_name_that_no_job_has_is_none_of_a_job(queue: Queue, name: str) -> None:
    (queue.folder / "waiting" / name).write_text("{}")
    assert (queue.waiting(), queue.next) == ([], 0)


def test_a_job_that_can_not_be_moved_is_not_claimed(queue: Queue) -> None:
    queue.put(JOB, {"job": 1})
    (queue.folder / "claimed" / JOB.claim("a1")).mkdir()
    assert not queue.claim(JOB, "a1")


@pytest.mark.parametrize("content", [DEEP, "{", "[]", "3", "{}", '{"died": 3}', "\udcff"])
def test_an_outcome_that_is_none_is_that_of_a_failed_job(queue: Queue, content: str) -> None:
    (queue.folder / "done/000000-aa.done.json").write_bytes(content.encode(errors="surrogateescape"))
    assert queue.outcome(JOB) == {"died": "has an outcome that can't be read: 000000-aa.done.json"}


def test_an_outcome_that_is_no_runs_is_that_of_a_failed_job(queue: Queue) -> None:
    def outcome_from(value: object) -> object:
        raise ConfigError([f"an outcome: {value}"])

    queue.put(JOB, {"job": 1})
    queue.claim(JOB, "a1")
    queue.end(JOB, "a1", {"outcome": 5}, failed=False)
    work = Work(lambda: str, "s", ("-m",), outcome_from=outcome_from)
    found = run_pulled(work, ["aa"], 1, lambda number, event: None)
    assert found == [Died("has an outcome that can't be read: an outcome: 5")]


@pytest.mark.parametrize("content", ["many", "", "9" * 5000])
def test_a_mark_that_is_no_number_concludes_nothing(queue: Queue, content: str) -> None:
    queue.mark("concluded", content)
    assert queue.first == 0


@pytest.mark.parametrize(
    "line", [DEEP, "{", "[]", "3", "{}", '{"job": 3}', '{"job": "x", "done": "y"}', '{"job": "x", "printed": 3}']
)
def test_a_line_that_is_no_event_is_passed_over(queue: Queue, line: str) -> None:
    (queue.folder / "workers/a1.events").write_text(f"{line}\n")
    EventFile(queue.folder / "workers", "a1").tell("000000-aa", JobProgress(1, 2, "so"))
    assert list(Follower(queue.folder / "workers").news()) == [("000000-aa", JobProgress(1, 2, "so"))]


def test_a_worker_with_a_strange_number_of_jobs_is_there(queue: Queue) -> None:
    (queue.folder / "workers/a1.json").write_text(json.dumps({**this_process(), "jobs": "many"}))
    assert [each.jobs for each in workers_now(queue)] == [1]


@pytest.mark.parametrize("process", [999999999, None, [], 1.5])
def test_a_process_that_is_no_text_is_not_there(process: object) -> None:
    tags: dict[str, object] = {**this_process(), "nnexp.process": process}
    assert not is_alive(tags)  # type: ignore[arg-type]


@pytest.mark.parametrize("beat", ["soon", None, []])
def test_a_heartbeat_that_is_no_time_is_none(beat: object) -> None:
    assert not is_alive({"nnexp.host": "another", "nnexp.heartbeat": beat})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"engine": "slurm"},
        {"engine": "strange", "facts": {}},
        {"engine": ["slurm"], "facts": {}},
        {"engine": "serial", "facts": {}},
        {"engine": "slurm", "facts": 3},
        {"engine": "slurm", "facts": {"array": "--user=somebody"}},
    ],
)
def test_an_engine_that_is_none_has_started_nothing(queue: Queue, content: object) -> None:
    (queue.folder / "engine.json").write_text(json.dumps(content))
    assert engine_of(queue) is None


@pytest.mark.parametrize(("kind", "lacking"), [("slurm", "array"), ("ray", "address, workers")])
def test_an_engine_that_lacks_a_fact_is_told_by_name(queue: Queue, kind: str, lacking: str) -> None:
    (queue.folder / "engine.json").write_text(json.dumps({"engine": kind, "facts": {"log": "a.log"}}))
    with pytest.raises(UsageError, match=rf"engine\.json: got facts of {kind} without {lacking}, expected"):
        engine_of(queue)


def test_a_file_that_is_nested_too_deeply_says_nothing(queue: Queue) -> None:
    (queue.folder / "submitter.json").write_text(DEEP)
    assert facts_of(queue.folder / "submitter.json") == {}
