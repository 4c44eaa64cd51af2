"""Progress: a bar on a terminal, a line an epoch everywhere else."""

from __future__ import annotations

import io
import logging
import re

import pytest
from rich.console import Console

from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.progress import Bar, Lines, in_words

DONE = EpochDone(
    7, {"test_accuracy": 0.9712, "validation_accuracy": 0.973, "train_cost": 0.01234, "epoch_seconds": 0.311}
)


def test_an_epoch_in_words() -> None:
    assert in_words(DONE) == "test 97.12 %  validation 97.30 %  cost 0.0123  0.31 s"


def test_the_training_accuracy_is_told_where_it_is_monitored() -> None:
    monitored = EpochDone(7, DONE.metrics | {"training_accuracy": 0.9801})
    assert in_words(monitored) == "test 97.12 %  validation 97.30 %  training 98.01 %  cost 0.0123  0.31 s"


def test_a_line_tells_the_epoch_of_how_many(caplog: pytest.LogCaptureFixture) -> None:
    lines = Lines(logging.INFO)
    with caplog.at_level(logging.INFO):
        lines(Started(None, None, 30))  # type: ignore[arg-type]  # it looks at the number of epochs alone
        lines(DONE)
    assert caplog.messages == [f"epoch  7/30  {in_words(DONE)}"]


def test_the_bar_shows_epochs_accuracies_and_the_time_left_on_80_columns() -> None:
    screen = io.StringIO()
    bar = Bar(Console(file=screen, force_terminal=True, width=80))
    bar(Started(None, None, 30))  # type: ignore[arg-type]  # it looks at the number of epochs alone
    bar(EpochDone(7, DONE.metrics | {"training_accuracy": 0.9801}))
    bar(Ended("FINISHED"))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert "epoch  7/30" in shown
    assert "test 97.12 %  validation 97.30 %  training 98.01 %" in shown
    assert re.search(r"\d:\d\d:\d\d|-:--:--", shown)
