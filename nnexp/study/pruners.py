"""What stops a trial in the middle: Optuna's pruners, by the word of `search.prune`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna.pruners import BasePruner


def _none(epochs: int) -> BasePruner:
    from optuna.pruners import NopPruner

    return NopPruner()


def _median(epochs: int) -> BasePruner:
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=5, n_warmup_steps=1)


def _asha(epochs: int) -> BasePruner:
    from optuna.pruners import SuccessiveHalvingPruner

    return SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)


def _hyperband(epochs: int) -> BasePruner:
    from optuna.pruners import HyperbandPruner

    return HyperbandPruner(min_resource=1, max_resource=epochs, reduction_factor=3)


def _wilcoxon(epochs: int) -> BasePruner:
    from optuna.pruners import WilcoxonPruner

    return WilcoxonPruner(p_threshold=0.1)


PRUNERS: dict[str, Callable[[int], BasePruner]] = {
    "none": _none,
    "median": _median,
    "asha": _asha,
    "hyperband": _hyperband,
    "wilcoxon": _wilcoxon,
}
"""By name; each takes the most epochs that a trial has."""

REASONS = {
    "none": "",
    "median": "its best validation accuracy so far is below the median of the trials that were completed",
    "asha": "it is not among the best third of the trials that got there",
    "hyperband": "it is not among the best third of the trials of its bracket that got there",
    "wilcoxon": "its epochs are worse than those of the best trial (Wilcoxon's test, p < 0.1)",
}
"""Why each ends a trial, after `after epoch 3`."""
