"""The one order of a run's epochs, and of runs: which is the best, and which goes first of equally good ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf, isnan
from typing import Any

from nnexp.train.events import EpochDone

Rank = tuple[float, float, int, list[tuple[str, "ValueRank"]]]
ValueRank = tuple[int, list[float], str]
CHOSEN_BY = "validation_accuracy"  # never test accuracy
DIGITS = 12  # of an accuracy: the mean of the same numbers in another order differs in the last bits


def chosen_epoch(validation: Mapping[int, float]) -> int:
    """The epoch that a run is judged by: the first with the best validation accuracy. validation: by epoch."""
    return max(validation, key=lambda epoch: (validation[epoch], -epoch))


def best_of(epochs: Sequence[EpochDone]) -> EpochDone:
    """The same of epochs: the one whose weights are kept."""
    chosen = chosen_epoch({each.epoch: each.metrics[CHOSEN_BY] for each in epochs})
    return next(each for each in epochs if each.epoch == chosen)


def rank(validation: float | None, epoch: float | None, settings: Mapping[str, Any]) -> Rank:
    """What sorts runs, the best first and those without a result last.

    The best validation accuracy goes first. Of equal ones the earlier epoch, as every run knows it from its curve (a
    validation cost none has measured, and those of two cost functions are no common scale); then the smaller network;
    then the settings in the order of their names, the smaller value first: no store knows the order of a command line,
    and of jobs that began together not even a start says it.

    validation: best accuracy, 0 to 1, or its mean over seeds; None without a result. epoch: that had it, or their mean.
    settings: by name; those that two runs share, or both lack, make no difference.
    """
    accuracy = -inf if validation is None or isnan(validation) else round(validation, DIGITS)
    by_name = [(name, value_rank(value)) for name, value in sorted(settings.items())]
    return -accuracy, inf if epoch is None else round(epoch, DIGITS), _parameters(settings.get("sizes")), by_name


def value_rank(value: Any) -> ValueRank:
    """What sorts the values of a setting: numbers by size, lists by their numbers, words by the alphabet."""
    if is_number(value):
        return 0, [float(value)], ""
    if isinstance(value, list) and all(map(is_number, value)):
        return 1, [float(each) for each in value], ""
    return 2, [], str(value)


def is_number(value: Any) -> bool:
    """Whether it is one; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parameters(sizes: Any) -> int:
    """How many weights and biases a network of these layers has; 0 where that is not said."""
    if not isinstance(sizes, list):
        return 0
    return sum((inputs + 1) * units for inputs, units in pairwise(sizes))
