"""Which stored runs Python's words mean, and what is said of words that mean none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nnexp
from nnexp.errors import UsageError
from nnexp.notebook.results import Run

SETTINGS = {"data": "digits", "sizes": [64, 10], "epochs": 1, "pictures": False}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that is kept in the current folder of each test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("stored"))
        return nnexp.train_run(tracking="folder", **SETTINGS)


@pytest.fixture
def here(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(next(Path(line.split()[1]) for line in run.where if line.startswith("files")).parents[2])


@pytest.mark.usefixtures("here")
def test_load_takes_what_train_run_gave(run: Run) -> None:
    assert nnexp.load(run).network.fingerprint() == run.network.fingerprint()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("names", [lambda run: [[run]], lambda run: [[run.run_id]], lambda run: [run]])
def test_compare_takes_runs_and_ids_and_lists_of_them(run: Run, names: Callable[[Run], list[Any]]) -> None:
    assert nnexp.compare(*names(run)).best == run.run_id


@pytest.mark.parametrize("wrong", [3, None])
@pytest.mark.parametrize("asked", [nnexp.load, nnexp.compare, lambda wrong: nnexp.compare(["a", wrong])])
def test_what_means_no_run_is_refused(asked: Callable[[Any], Any], wrong: object) -> None:
    with pytest.raises(UsageError, match=rf"^run: got {wrong}, expected .*the id of a run"):
        asked(wrong)


def test_a_condition_that_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^condition: got 3, expected a text"):
        nnexp.runs(3)  # type: ignore[arg-type]


def test_a_run_that_is_not_remembered_can_not_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    forgotten = nnexp.train_run(tracking="off", **SETTINGS)
    with pytest.raises(UsageError, match=r"^run: got a run that is not remembered"):
        nnexp.load(forgotten)
