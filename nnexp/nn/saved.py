"""A network as an `.npz` file: plain arrays, no pickle, whole or not there at all."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from nnexp.errors import DataError
from nnexp.nn.activations import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs import Cost
from nnexp.nn.network import Network

EXPECTED = "expected a network saved by nnexp"


def save(network: Network, path: Path) -> None:
    """Write what the network is, and each layer's `biases_1`, `weights_1`, ..."""
    write(path, description(network) | layers(network))


def load(path: Path) -> Network:
    """The network that `save` wrote; raises `DataError` if the file is not one, naming what is off."""
    arrays = read(path)
    try:
        sizes = [int(size) for size in arrays["sizes"].ravel()]
        for layer, (x, y) in enumerate(pairwise(sizes), start=1):  # before anything of these sizes is made
            if arrays[f"weights_{layer}"].shape != (y, x):
                found = arrays[f"weights_{layer}"].shape
                raise DataError(f"{path}: weights_{layer} has shape {found}, expected {(y, x)}")
        network = Network(
            sizes,
            activation=Activation.named(str(arrays["activation"])),
            cost=Cost.named(str(arrays["cost"])),
            dtype=str(arrays["dtype"]),
            rng=0,
        )
    except KeyError as error:
        raise DataError(f"{path}: has no array {error}, {EXPECTED}") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"{path}: {error}, {EXPECTED}") from error
    fill(network, arrays, path)
    return network


def description(network: Network) -> dict[str, Array]:
    """What the network is: sizes, dtype, and the kinds of its activation and cost."""
    return {
        "sizes": np.array(network.sizes),
        "dtype": np.array(network.dtype.name),
        "activation": np.array(network.activation.kind),
        "cost": np.array(network.cost.kind),
    }


def layers(network: Network) -> dict[str, Array]:
    """Its biases and weights by name, counted from 1."""
    named: dict[str, Array] = {}
    for layer, (b, w) in enumerate(zip(network.biases, network.weights, strict=True), start=1):
        named |= {f"biases_{layer}": b, f"weights_{layer}": w}
    return named


def fill(network: Network, arrays: dict[str, Array], path: Path) -> None:
    """Put the arrays into the network; raises `DataError` naming the first that lacks its shape or dtype."""
    found = {name: _fitting(arrays, name, skeleton, path) for name, skeleton in layers(network).items()}
    for layer in range(1, network.num_layers):
        network.biases[layer - 1] = found[f"biases_{layer}"]
        network.weights[layer - 1] = found[f"weights_{layer}"]


def write(path: Path, arrays: dict[str, Array]) -> None:
    """Write an `.npz` file that is complete as soon as it is there: to a temporary name, to disk, renamed."""
    from nnexp.runtime.files import written  # a network that is served carries what it needs for reading alone

    with written(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read(path: Path) -> dict[str, Array]:
    """All arrays of an `.npz` file; raises `DataError` if it is damaged, not there, or holds a pickle."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:  # zipfile and numpy have many: a damaged file is a damaged file
        raise DataError(f"{path}: {error}, {EXPECTED}") from error


def _fitting(arrays: dict[str, Array], name: str, skeleton: Array, path: Path) -> Array:
    """The array of that name, if it has the skeleton's shape and dtype."""
    found = arrays.get(name)
    if found is None or found.shape != skeleton.shape or found.dtype != skeleton.dtype:
        what = "nothing" if found is None else f"{found.dtype} {found.shape}"
        raise DataError(f"{path}: {name} is {what}, expected {skeleton.dtype} {skeleton.shape}")
    return found
