"""That an answer is waited for is said, once."""

from __future__ import annotations

import threading

import pytest

from nnexp.launch.engines.patience import log, waiting


def test_who_does_not_answer_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said, heard = [], threading.Event()

    def warning(_: str, line: str) -> None:
        said.append(line)
        heard.set()

    monkeypatch.setattr(log, "warning", warning)
    with waiting("squeue", 60, silent=0):
        heard.wait()
    with waiting("squeue", 60, silent=0):
        pass
    assert said == ["squeue has not answered yet; it is waited for, up to 60 seconds"]


def test_a_quick_answer_is_nothing_to_talk_about(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    before = threading.active_count()
    monkeypatch.setattr(log, "warning", said.append)
    with waiting("scancel", 60):
        pass
    assert (said, threading.active_count()) == ([], before)
