"""What a run has measured so far, and the epoch that validation chooses."""

from __future__ import annotations

from nnexp.train.events import EpochDone, Started
from nnexp.train.history import History


def test_validation_chooses_the_first_of_several_epochs_that_are_equal() -> None:
    history = History()
    for epoch, (validation, test) in enumerate([(0.1, 0.1), (0.9, 0.7), (0.8, 0.8), (0.9, 0.9)]):
        history(EpochDone(epoch, {"validation_accuracy": validation, "test_accuracy": test}))
    assert history.chosen is history.epochs[1]


def test_the_history_of_a_run_that_goes_on_begins_with_what_is_past() -> None:
    history = History()
    past = [EpochDone(epoch, {}) for epoch in range(2)]
    history(Started(None, None, 2, past))  # type: ignore[arg-type]  # it looks at the past alone
    history(EpochDone(2, {}))
    assert [event.epoch for event in history.epochs] == [0, 1, 2]


def test_a_curve_leaves_out_epochs_that_lack_the_metric() -> None:
    history = History()
    history(EpochDone(0, {"test_accuracy": 0.1}))
    history(EpochDone(1, {"test_accuracy": 0.9, "train_cost": 0.5}))
    assert history.curve("train_cost") == ([1], [0.5])


def test_a_history_shows_itself_in_a_line() -> None:
    history = History()
    assert repr(history) == "History(no epochs)"
    for epoch, accuracy in enumerate([0.1, 0.9772, 0.97]):
        history(EpochDone(epoch, {"validation_accuracy": accuracy, "test_accuracy": accuracy}))
    assert repr(history) == "History(2 epochs, best validation 97.72 % in epoch 1)"
