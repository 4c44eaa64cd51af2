"""What there is to see of a worker that begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnexp.launch.pulling.queue import CLOSED, Queue
from nnexp.launch.pulling.queue_file import queue_of, write
from nnexp.launch.pulling.status import workers_now
from nnexp.sweeps import pull_worker


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """One in which there is nothing to do."""
    monkeypatch.chdir(tmp_path)
    made = queue_of("s")
    made.make()
    write(made, ["-m"])
    made.mark(CLOSED)
    return made


def test_a_worker_is_there_while_it_makes_itself_ready(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(pull_worker, "_make_ready", lambda *_: seen.extend(workers_now(queue)))
    pull_worker.pull(queue.folder, 3, lambda line: None)
    assert [(each.jobs, each.starting) for each in seen] == [(3, True)]
    assert workers_now(queue) == []


def test_a_worker_that_has_begun_is_no_longer_starting(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(pull_worker, "run_all", lambda *_: seen.extend(workers_now(queue)))
    pull_worker.pull(queue.folder, 3, lambda line: None)
    assert [(each.jobs, each.starting) for each in seen] == [(3, False)]
