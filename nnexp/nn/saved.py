"""A network as an `.npz` file: plain arrays, no pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from nnexp.errors import DataError
from nnexp.nn.activations import Activation
from nnexp.nn.costs import Cost
from nnexp.nn.network import Network


def save(network: Network, path: Path) -> None:
    """Write sizes, dtype, kinds of activation and cost, and each layer's `biases_1`, `weights_1`, ..."""
    arrays = {
        "sizes": np.array(network.sizes),
        "dtype": np.array(network.dtype.name),
        "activation": np.array(network.activation.kind),
        "cost": np.array(network.cost.kind),
    }
    for layer, (b, w) in enumerate(zip(network.biases, network.weights, strict=True), start=1):
        arrays |= {f"biases_{layer}": b, f"weights_{layer}": w}
    np.savez(path, allow_pickle=False, **arrays)


def load(path: Path) -> Network:
    """The network that `save` wrote; raises `DataError` if the file is not one, naming what is off."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = dict(file)
        network = Network(
            arrays["sizes"].tolist(),
            activation=Activation.named(str(arrays["activation"])),
            cost=Cost.named(str(arrays["cost"])),
            dtype=str(arrays["dtype"]),
            rng=0,
        )
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: {error}, expected a network saved by nnexp") from error
    for name, layers in (("biases", network.biases), ("weights", network.weights)):
        for layer, skeleton in enumerate(layers, start=1):
            layers[layer - 1] = _fitting(arrays, f"{name}_{layer}", skeleton, path)
    return network


def _fitting(arrays: dict[str, np.ndarray], key: str, skeleton: np.ndarray, path: Path) -> np.ndarray:
    """The array called key, if it has the skeleton's shape and dtype."""
    found = arrays.get(key)
    if found is None or found.shape != skeleton.shape or found.dtype != skeleton.dtype:
        what = "nothing" if found is None else f"{found.dtype} {found.shape}"
        raise DataError(f"{path}: {key} is {what}, expected {skeleton.dtype} {skeleton.shape}")
    return found
