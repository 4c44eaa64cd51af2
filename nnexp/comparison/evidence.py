"""What the best network, and the best one of another setting, predict for the same test images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.trial import Trial
from nnexp.config.compose import config_of_run
from nnexp.data.dataset import Dataset
from nnexp.errors import DataError, UsageError, in_a_line
from nnexp.nn.arrays import Array
from nnexp.plots.misclassified import confusion
from nnexp.printable import counted
from nnexp.stats.mcnemar import McNemar, mcnemar
from nnexp.stats.verdict import ALPHA, p_text
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stored_weights import network_of
from nnexp.tracking.tags import DATA_SHA256


@dataclass(frozen=True)
class Predictions:
    """A network's predictions for the test examples. name: of its run; predicted: (n,) classes."""

    name: str
    predicted: Array


@dataclass(frozen=True)
class Evidence:
    """The predictions of the best network and, where there is one on the same data, of the best of another setting."""

    dataset: Dataset
    best: Predictions
    other: Predictions | None

    @cached_property
    def confusion(self) -> Array:
        """(classes, classes) counts: how often the best predicts each class (column) for each true class (row)."""
        return confusion(self.dataset.test.labels, self.best.predicted, self.dataset.classes)

    @cached_property
    def right(self) -> tuple[Array, Array]:
        """(n,) whether the best is right, and whether the other is."""
        labels = self.dataset.test.labels
        other = self.best if self.other is None else self.other
        return self.best.predicted == labels, other.predicted == labels

    @cached_property
    def test(self) -> McNemar:
        """Whether the two networks are right equally often."""
        return mcnemar(*self.right)

    @property
    def sentence(self) -> str:
        """What that means; empty where there is but one network."""
        if self.other is None:
            return ""
        differ = "differ significantly" if self.test.p < ALPHA else "do not differ significantly"
        images = f"{counted(self.test.only_a, 'image')} {'is' if self.test.only_a == 1 else 'are'} classified correctly"
        return (
            f"{images} by {self.best.name} alone, {self.test.only_b} by "
            f"{self.other.name} alone: these two networks {differ} (McNemar's test, {p_text(self.test.p)}); "
            "whether their settings do is a question of more seeds"
        )


def evidence(comparison: Comparison, runs: Mapping[str, StoredRun]) -> Evidence:
    """The predictions, from the weights that the runs have kept.

    runs: by id. Raises `UsageError` if weights or data are not to be had any more.
    """
    best = comparison.best
    try:
        config = config_of_run(runs[best.id])
        dataset = config.data.load()
    except DataError as error:
        raise UsageError(f"run {best.id}: its data can't be read ({in_a_line(error)})") from error
    if (expected := runs[best.id].tags.get(DATA_SHA256)) != dataset.sha256:
        raise UsageError(f"run {best.id}: its data has SHA-256 {dataset.sha256[:8]} now, expected {str(expected)[:8]}")
    other = _of_another_setting(comparison, runs, dataset.sha256)
    names = _names(comparison, best, other)
    best_predictions = _predictions(runs[best.id], dataset, names[0])
    return Evidence(dataset, best_predictions, _predictions(runs[other.id], dataset, names[1]) if other else None)


def _of_another_setting(comparison: Comparison, runs: Mapping[str, StoredRun], sha256: str) -> Trial | None:
    """The best run of the best setting on the same data that the best run is not of; None if there is none."""
    others = [group.best for group in comparison.groups if comparison.best not in group.trials]
    if len(comparison.groups) == 1 and len(comparison.trials) == 2:  # two seeds of one setting
        others = [trial for trial in comparison.trials if trial is not comparison.best]
    return next((trial for trial in others if runs[trial.id].tags.get(DATA_SHA256) == sha256), None)


def _names(comparison: Comparison, *trials: Trial | None) -> list[str]:
    """What the networks are called: by their settings, and the seed where there are several."""
    groups = {trial.id: group.name for group in comparison.groups for trial in group.trials}
    return [f"{groups[trial.id]} seed={trial.seed}".strip() for trial in trials if trial]


def _predictions(run: StoredRun, dataset: Dataset, name: str) -> Predictions:
    network = network_of(run, best=True)  # of the epoch that validation has chosen, as is the accuracy that is reported
    return Predictions(name, np.asarray(network.outputs(dataset.test).argmax(axis=1)))
