"""What a run gives, and how that is said."""

from __future__ import annotations

import io
import logging

import pytest

from nnexp.nn.network import Network
from nnexp.runner.result import Result, course, doubt, monitored_lines, result_line, told
from nnexp.train.events import EpochDone
from nnexp.train.history import History


def test_a_run_ends_with_the_test_accuracy_that_validation_has_chosen_whatever_was_better_on_test() -> None:
    history = History()
    for epoch, (validation, test) in enumerate([(0.1, 0.1), (0.9, 0.7), (0.8, 0.95), (0.8, 0.8)]):
        history(EpochDone(epoch, {"validation_accuracy": validation, "test_accuracy": test}))
    chosen = "test accuracy 70.00 % in epoch 1, the best on validation (90.00 %)"
    assert result_line(history) == f"{chosen}; 80.00 % in epoch 3, the last"
    history.epochs[2:] = []
    assert result_line(history) == f"{chosen} and the last"


def test_the_objective_is_the_best_accuracy_on_validation() -> None:
    history = History()
    for epoch, accuracy in enumerate([0.1, 0.8, 0.7]):
        history(EpochDone(epoch, {"validation_accuracy": accuracy, "test_accuracy": 0.9}))
    assert Result(Network([64, 10], rng=0), history).objective == 0.8


def test_what_was_monitored_of_the_whole_network_is_told_of_the_chosen_epoch_and_the_last() -> None:
    history = History()
    for epoch, accuracy in enumerate([0.1, 0.8, 0.7]):
        measured = {"training_accuracy": accuracy + 0.1, "validation_cost": 1 - accuracy, "weight_norm/layer_1": 3.0}
        history(EpochDone(epoch, {"validation_accuracy": accuracy, "test_accuracy": 0.9} | measured))
    assert list(monitored_lines(history)) == [
        "training accuracy 90.00 % in epoch 1; 80.00 % in epoch 2",
        "validation cost 0.2000 in epoch 1; 0.3000 in epoch 2",
    ]


def test_a_run_that_has_learnt_nothing_is_doubted() -> None:
    history = History()
    history(EpochDone(0, {"validation_accuracy": 0.12}))
    (line,) = doubt(history, 10)
    assert line.startswith("that is hardly better than guessing, 10.00 %")
    history(EpochDone(1, {"validation_accuracy": 0.6}))
    assert doubt(history, 10) == []


def trained(*test: float) -> Result:
    """A run with these test accuracies, that of the untrained network first."""
    history = History()
    for epoch, accuracy in enumerate(test):
        history(EpochDone(epoch, {"validation_accuracy": 0.9, "test_accuracy": accuracy}))
    return Result(Network([64, 10], rng=0), history)


def test_the_curve_is_a_word_that_leaves_the_untrained_network_out() -> None:
    assert course(trained(0.1, 0.6, 0.72, 0.8).history) == "▁▅█  test accuracy by epoch, 60.00 % to 80.00 %"


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", True), ("ascii", False)])
def test_the_curve_is_told_where_it_can_be_printed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, encoding: str, shown: bool
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    with caplog.at_level(logging.INFO):
        told(trained(0.1, 0.6, 0.72, 0.8))
    assert ("▁▅█" in caplog.text) is shown


def test_two_points_are_no_curve(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        told(trained(0.1, 0.6, 0.7))
    assert "by epoch" not in caplog.text
