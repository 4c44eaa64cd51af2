"""Which trained network is meant: that of a run, of a file of weights, of a run's folder, or of an MLflow model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnexp.errors import UsageError
from nnexp.nn import weights_file
from nnexp.nn.network import Network
from nnexp.predict.preparation import DIGITS, MNIST, Preparation, preparation_for
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.lookup import run_called
from nnexp.tracking.mlflow.stored_model import fetched, is_model, model_in
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.stored_weights import BEST, FINAL, hash_beside, kind_in, network_in, network_of


@dataclass(frozen=True)
class Trained:
    """A trained network. data: the kind that it has learned from, `mnist`; empty if that isn't known."""

    network: Network
    data: str = ""

    def preparation(self, wanted: bool | None = None) -> Preparation | None:
        """How its images are made ready: None means not at all. wanted: None leaves it to what it has learned from.

        Raises `UsageError` if it is wanted for a network whose inputs are those of no data set that it is known for.
        """
        usual = preparation_for(self.data, self.network.sizes[0])
        if wanted is None or not wanted:
            return None if wanted is False else usual
        fitting = usual or next((each for each in (MNIST, DIGITS) if each.side**2 == self.network.sizes[0]), None)
        if fitting is None:
            expected = f"{MNIST.side**2} or {DIGITS.side**2}"
            raise UsageError(f"--prepare: the network has {self.network.sizes[0]} inputs, expected {expected}")
        return fitting


def is_address(word: str) -> bool:
    """Whether it is an address that MLflow fetches models from: `runs:/...`, `models:/...`, `s3://...`."""
    return ":/" in word


def of_run(run: StoredRun, best: bool = False) -> Trained:
    """The network that a run ended with, or that of its best epoch.

    Raises `UsageError` if the run has not kept it, `DataError` if it is not what it was.
    """
    return Trained(network_of(run, best), run.params.get("data", ""))


def of_path(path: Path, best: bool = False) -> Trained:
    """The network in a file of weights, a run's folder under outputs/, or the folder of an MLflow model."""
    if path.is_dir() and is_model(path):
        _refuse_best(best, str(path))
        return Trained(weights_file.load(model_in(path).weights))
    if path.is_dir():
        path /= BEST if best else FINAL
        if not path.is_file():
            raise UsageError(f"{path}: is not there, expected a folder with the weights of a run, or an MLflow model")
    else:
        _refuse_best(best, str(path))
    return Trained(weights_file.load(path, hash_beside(path)), kind_in(path.parent / "config.yaml", "data"))


def of_address(address: str, store: RunStore, best: bool = False) -> Trained:
    """The network of the MLflow model at this address."""
    _refuse_best(best, address)
    with temporary_folder() as folder:
        model = fetched(address, store.address, Path(folder))
        try:
            run = run_called(store, model.run_id)
        except UsageError:  # the run has been removed, or is in another experiment
            return Trained(weights_file.load(model.weights))
        return Trained(network_in(model.weights, run), run.params.get("data", ""))


def _refuse_best(best: bool, name: str) -> None:
    if best:
        raise UsageError(f"--best: {name} holds one network's weights, expected a run or its folder")
