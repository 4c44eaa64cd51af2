"""What a run gives, and how that is said."""

from __future__ import annotations

from nnexp.nn.network import Network
from nnexp.runner.result import Result, result_line
from nnexp.train.events import EpochDone
from nnexp.train.history import History


def test_a_run_ends_with_the_test_accuracy_that_validation_has_chosen_whatever_was_better_on_test() -> None:
    history = History()
    for epoch, (validation, test) in enumerate([(0.1, 0.1), (0.9, 0.7), (0.8, 0.95), (0.8, 0.8)]):
        history(EpochDone(epoch, {"validation_accuracy": validation, "test_accuracy": test}))
    told = "test accuracy 70.00 % in epoch 1, the best on validation (90.00 %)"
    assert result_line(history) == f"{told}; 80.00 % in epoch 3, the last"
    history.epochs[2:] = []
    assert result_line(history) == f"{told} and the last"


def test_the_objective_is_the_best_accuracy_on_validation() -> None:
    history = History()
    for epoch, accuracy in enumerate([0.1, 0.8, 0.7]):
        history(EpochDone(epoch, {"validation_accuracy": accuracy, "test_accuracy": 0.9}))
    assert Result(Network([64, 10], rng=0), history).objective == 0.8
