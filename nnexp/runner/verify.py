"""Making a run again, and comparing it with what it was, epoch by epoch and bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nnexp.config.compose import changed, config_of, config_of_run
from nnexp.config.schema import Config, flat
from nnexp.errors import ConfigError
from nnexp.identity import counts
from nnexp.nn.blas import blas_threads
from nnexp.runner.preparation import data_for, new_network
from nnexp.tracking.params import as_text, from_text
from nnexp.tracking.provenance import changes
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stored_weights import departures, stored_epochs
from nnexp.train.events import EpochDone
from nnexp.train.stopping.never import Never
from nnexp.train.trainer import train

COMPARED = ("test_accuracy", "validation_accuracy", "train_cost")


@dataclass(frozen=True)
class Verification:
    """How a run that was made again compares with what it was.

    epochs: how many were compared, the untrained network included. departs: the first epoch that is not what it
    was, None if all are; what: what of it differs. stored: which of the run's files are not what they were when it
    ended, changed: what code, data and machine are not, a line each.
    """

    epochs: int
    departs: int | None
    what: list[str]
    stored: list[str]
    changed: list[str]

    @property
    def identical(self) -> bool:
        """Whether every compared epoch and every stored file is what it was, bit for bit."""
        return self.departs is None and not self.stored


def verify(run: StoredRun, overrides: Sequence[str] = (), epochs: int | None = None) -> Verification:
    """Train the run's own configuration again, or its first epochs, and compare with the hashes that it logged.

    What the run has stored is compared with them too: final and best weights, and the model's.

    Raises `ConfigError` or `DataError` if the configuration or the data can't be read any more.
    """
    if "epochs" in {word.partition("=")[0] for word in overrides}:
        raise ConfigError(["epochs: can't be another number here; --epochs K compares the first K"])
    stored = stored_epochs(run)
    was = config_of_run(run)
    config = config_of(changed(was, overrides)) if overrides else was
    dataset = data_for(config, config.data.load())
    logged = stored[: None if epochs is None else epochs + 1]
    differences = [*changed_settings(run, was, config), *changes(run.tags, dataset.sha256)]
    with blas_threads(config.threads):
        most = max(config.epochs, logged[-1].epoch)  # a schedule may go by how many there were to be
        as_many = replace(config, epochs=most, stopping=Never(), monitor=[])
        again = train(new_network(config, dataset), dataset, as_many)
        compared, departs, what = _compare(logged, lambda: next(again))
    return Verification(compared, departs, what, list(departures(run, stored)), differences)


def _compare(logged: Sequence[EpochDone], next_epoch: Callable[[], EpochDone]) -> tuple[int, int | None, list[str]]:
    """How many epochs were compared, the first that departs if one does, and what of it."""
    for count, then in enumerate(logged, start=1):
        now = next_epoch()
        what = [name for name in COMPARED if then.metrics.get(name) != now.metrics.get(name)]
        if then.weights != now.weights:
            what.insert(0, "weights")
        if what:
            return count, then.epoch, what
    return len(logged), None, []


def changed_settings(run: StoredRun, was: Config, config: Config) -> list[str]:
    """Settings that are not what the run's params say, or are overridden now."""
    then, now = flat(was), flat(config)
    names = [name for name in {**then, **now} if counts(name) and then.get(name) != now.get(name)]
    changed = [f"setting {name}: was {then.get(name)}, is {now.get(name)}" for name in names]
    return changed + [
        f"setting {name}: logged as {param}, config.yaml has {as_text(then[name])}"
        for name, param in run.params.items()
        if name in then and counts(name) and as_text(then[name]) != as_text(from_text(param))
    ]
