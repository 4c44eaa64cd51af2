"""The record of a run as plain files among its own."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from nnexp.data.sources.digits import Digits
from nnexp.errors import Diverged
from nnexp.nn.network import Network
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.plain_record import PlainRecord
from nnexp.tracking.recording import Record
from nnexp.train.events import Ended, EpochDone, Event, Started
from nnexp.train.history import History


def epoch(number: int) -> EpochDone:
    metrics = {"test_accuracy": number / 10, "validation_accuracy": number / 10, "epoch_seconds": 1.0}
    return EpochDone(number, metrics)


def recorded(folder: Path, *events: Event, past: tuple[EpochDone, ...] = ()) -> dict[str, object]:
    """What `run.json` says after these events."""
    record = Record("a name", {"eta": 3.0}, {"nnexp.key": "k"}, folder, (), "images", contextlib.nullcontext)
    history = History()
    listener = PlainRecord(record, history, lambda: "an id", clock=lambda: 5.0)
    for event in (Started(Network([64, 10], rng=0), Digits().load(), 2, past), *events):
        history(event)
        listener(event)
    return dict(json.loads((folder / "run.json").read_text()))


def test_a_run_that_has_begun_says_so_with_its_settings(tmp_path: Path) -> None:
    said = recorded(tmp_path)
    assert (said["id"], said["status"], said["params"], said["ended"]) == ("an id", "RUNNING", {"eta": "3.0"}, None)


def test_each_epoch_is_a_line_those_of_an_earlier_start_too(tmp_path: Path) -> None:
    recorded(tmp_path, epoch(1), epoch(2), past=(epoch(0),))
    assert sorted(run_files.points(tmp_path)) == [0, 1, 2]


def test_a_finished_run_has_the_metrics_that_sum_it_up(tmp_path: Path) -> None:
    said = recorded(tmp_path, epoch(0), epoch(1), Ended("FINISHED", epoch=1))
    assert (said["status"], said["ended"]) == ("FINISHED", 5.0)
    metrics = said["metrics"]
    assert isinstance(metrics, dict)
    assert (metrics["best_validation_epoch"], metrics["test_accuracy"]) == (1, 0.1)


@pytest.mark.parametrize("secret", ["postgresql://ann:s3cret@db/runs"])
def test_a_failed_run_says_why_without_a_password(tmp_path: Path, secret: str) -> None:
    said = recorded(tmp_path, epoch(0), Ended("FAILED", Diverged(f"at {secret}")))
    assert said["status"] == "FAILED"
    assert "s3cret" not in json.dumps(said)
    assert "Diverged" in json.dumps(said)
