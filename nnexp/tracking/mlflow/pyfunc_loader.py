"""How MLflow loads a network that it serves: `loader_module` of a pyfunc model, no pickle involved."""

from __future__ import annotations

from pathlib import Path

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.weights_file import load


class ServedNetwork:
    """What `mlflow.pyfunc.load_model` wraps."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def predict(self, model_input: Array) -> Array:
        """Inputs `(n, n_in)` as the network sees them, pixels between 0 and 1; gives outputs `(n, n_out)`."""
        return self._network.outputs(Examples(model_input, model_input))


def _load_pyfunc(path: str) -> ServedNetwork:
    return ServedNetwork(load(Path(path)))
