"""The epochs and weights that a run has stored, used only if they are what they were when it ended.

Each epoch in `epochs.json` has the hash of its weights: it tells the weights of the best epoch and those of the one
that the run has ended with, which is the last or, as `stopping.restore_best` says, the best too;
and the metrics that the store has of the run tell `epochs.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import isclose, nan
from pathlib import Path

from nnexp.component import declared
from nnexp.errors import DataError, UsageError, in_a_line
from nnexp.nn import weights_file
from nnexp.nn.network import Network
from nnexp.tracking.chosen import CHOSEN_BY as BEST_METRIC
from nnexp.tracking.chosen import CHOSEN_TEST, TEST
from nnexp.tracking.params import as_text
from nnexp.tracking.run_store import StoredRun
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY, best_of
from nnexp.train.stopping.base import Stopping
from nnexp.train.stopping.never import Never

FINAL, BEST, EPOCHS = "weights.npz", "best_weights.npz", "epochs.json"
RESTORE = "restore_best"  # the setting of a stopping rule
MOST_CONFIG = 100_000  # bytes of a config.yaml
CHECKED = (TEST, CHOSEN_BY, "train_cost")  # of the last epoch, as the store has them too


def network_of(run: StoredRun, best: bool = False, epochs: Sequence[EpochDone] = ()) -> Network:
    """The network that a run ended with, or that of its best epoch. epochs: of the run, if they are read already.

    Raises `UsageError` if the run has not kept it, `DataError` if what it has kept was changed.
    """
    return _network(run, epochs or epochs_of(run), BEST if best else FINAL)


def network_in(weights: Path, run: StoredRun) -> Network:
    """The network of a model that the run has logged; `DataError` if it is not the one that the run ended with."""
    return _loaded(weights, run, "model", _epoch_of(epochs_of(run), FINAL, _ends_best(run)))


def epochs_of(run: StoredRun) -> list[EpochDone]:
    """The epochs of a run; `UsageError` if they can't be read, `DataError` if they are not what MLflow has of them."""
    epochs = stored_epochs(run)
    if (odd := _contradiction(run, epochs)) is not None:
        raise DataError(_with_advice(run, odd))
    return epochs


def stored_epochs(run: StoredRun) -> list[EpochDone]:
    """What the run's `epochs.json` holds, even if it was changed; `UsageError` if it can't be read."""
    with run.artifact(EPOCHS) as file:
        return _epochs_in(file, f"run {run.id}: its {EPOCHS}")


def final_epoch(run: StoredRun) -> int:
    """The epoch that the run's final weights are of; raises as `epochs_of`."""
    return _epoch_of(stored_epochs(run), FINAL, _ends_best(run)).epoch


def final_test_accuracy(run: StoredRun) -> float | None:
    """Of the network that the run ended with; None if the run has not kept it."""
    return run.metrics.get(CHOSEN_TEST if _ends_best(run) else TEST)


def hash_beside(weights: Path) -> str:
    """The hash that weights in a run's folder must have, by the `epochs.json` there; empty for any other file."""
    file = weights.with_name(EPOCHS)
    if weights.name not in (FINAL, BEST) or not file.is_file():
        return ""
    config = weights.with_name("config.yaml")
    ends_best = _restores_best(kind_in(config, Stopping.group), setting_in(config, Stopping.group, RESTORE))
    return _epoch_of(_epochs_in(file, str(file)), weights.name, ends_best).weights


def kind_in(config: Path, group: str) -> str:
    """What the config.yaml that a run has left chooses of a group; empty if that can't be told."""
    return setting_in(config, group, "kind")


def setting_in(config: Path, group: str, name: str) -> str:
    """A setting of that choice, as text; empty likewise."""
    import yaml

    try:
        settings = yaml.safe_load(config.read_text()) if config.stat().st_size < MOST_CONFIG else None
        return str(settings[group][name]) if settings else ""
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError):
        return ""


def departures(run: StoredRun, epochs: Sequence[EpochDone]) -> Iterator[str]:
    """What of a run's stored files is not what it was when the run ended, a line each. epochs: its stored ones."""
    if (odd := _contradiction(run, epochs)) is not None:
        yield odd
    for name in (FINAL, BEST):
        if run.has_results or run.has_artifact(name):
            try:
                _network(run, epochs, name)
            except UsageError as error:
                yield error.lines[0]
    if run.has_results and (model := run.store.model(run)) is not None:
        try:
            with model as weights:
                _loaded(weights, run, "model", _epoch_of(epochs, FINAL, _ends_best(run)))
        except UsageError as error:
            yield error.lines[0]


def _network(run: StoredRun, epochs: Sequence[EpochDone], name: str) -> Network:
    with run.artifact(name) as file:
        return _loaded(file, run, name, _epoch_of(epochs, name, _ends_best(run)))


def _epoch_of(epochs: Sequence[EpochDone], name: str, ends_best: bool) -> EpochDone:
    """The epoch that a file of weights is of: the best, or the last. ends_best: whether the run ended with the best."""
    return best_of(epochs) if name == BEST or ends_best else epochs[-1]


def _ends_best(run: StoredRun) -> bool:
    """Whether the run has ended with the weights of its best epoch."""
    return _restores_best(run.params.get(Stopping.group, ""), run.params.get(f"{Stopping.group}.{RESTORE}", ""))


def _restores_best(stopping: str, said: str) -> bool:
    """Whether a run with this kind of rule does. said: its `stopping.restore_best`; empty if that came later."""
    kinds, kind = Stopping.kinds(), stopping or Never.kind
    if kind not in kinds:
        raise UsageError(f"stopping: got {kind!r}, expected one of {', '.join(sorted(kinds))}")
    return said == "True" if said else bool(declared(kinds[kind])[RESTORE].since)


def _loaded(file: Path, run: StoredRun, name: str, epoch: EpochDone) -> Network:
    """The network in a copy of the run's file or model `name`, which must be the one of the epoch."""
    what = f"run {run.id}: its {name} (epoch {epoch.epoch})"
    try:
        network = weights_file.load(file, epoch.weights)
    except DataError as error:
        raise DataError(_with_advice(run, f"{what} {str(error).removeprefix(f'{file}: ')}")) from error
    for setting, value in weights_file.description(network).items():
        found, expected = as_text(value.tolist()), run.params.get(setting)
        if expected not in (found, None):
            raise DataError(_with_advice(run, f"{what} has {setting} {found}, expected {expected}"))
    return network


def _contradiction(run: StoredRun, epochs: Sequence[EpochDone]) -> str | None:
    """What a finished run's last or best epoch has otherwise than MLflow, in a line; None if nothing."""
    logged = run.metrics
    checked = [(epochs[-1], name, name) for name in CHECKED] + [(best_of(epochs), CHOSEN_BY, BEST_METRIC)]
    for epoch, name, metric in checked if run.has_results else ():
        found, expected = epoch.metrics.get(name, nan), logged.get(metric, nan)
        if metric in logged and not isclose(found, expected):
            what = f"run {run.id}: its {EPOCHS} has {name} {found:g} in epoch {epoch.epoch}"
            return f"{what}, expected {expected:g}, as the store has"
    return None


def _with_advice(run: StoredRun, line: str) -> list[str]:
    return [line, f"`nnexp verify {run.id[:8]}` says what else departs; resume=never trains it anew"]


def _epochs_in(file: Path, name: str) -> list[EpochDone]:
    """The epochs in a file; `UsageError` with the file's `name` if they can't be read."""
    try:
        epochs = [EpochDone(**epoch) for epoch in json.loads(file.read_text())]
        _ = [float(epoch.metrics[CHOSEN_BY]) for epoch in epochs]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{name} is damaged ({in_a_line(error)})") from error
    if not epochs:
        raise UsageError(f"{name} is empty, expected an epoch or more")
    return epochs
