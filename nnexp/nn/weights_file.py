"""A network as an `.npz` file: plain arrays, no pickle, whole or not there at all, with a hash that tells a change."""

from __future__ import annotations

import hashlib
import os
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nnexp.component import Component, later_settings
from nnexp.errors import DataError
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.costs.base import Cost
from nnexp.nn.file_limits import Limit
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.none import NoRegulariser
from nnexp.nn.standardisation import Standardisation

EXPECTED = "expected a network saved by nnexp"
SHA256 = "sha256"  # the array with the hash of all others; files of earlier versions have none
MEAN, FACTOR = "input_mean", "input_factor"
RATIO = 20  # times a file's size is what it may unpack to, and a little more: `write` does not compress
ROOM = 10**6  # bytes
UNSAID: dict[str, Any] = {"optimiser": Sgd.kind, "regulariser": NoRegulariser.kind}  # what all once were


def save(network: Network, path: Path) -> None:
    """Write what the network is, and each layer's `biases_1`, `weights_1`, ..."""
    write(path, description(network) | layers(network))


def load(path: Path, fingerprint: str = "") -> Network:
    """The network that `save` wrote; raises `DataError` if the file is not one, naming what is off.

    fingerprint: that the network must have, where it is known.
    """
    arrays = read(path)
    try:
        sizes = [int(size) for size in arrays["sizes"].ravel()]
        for layer, (x, y) in enumerate(pairwise(sizes), start=1):  # before anything of these sizes is made
            if arrays[f"weights_{layer}"].shape != (y, x):
                found = arrays[f"weights_{layer}"].shape
                raise DataError(f"{path}: weights_{layer} has shape {found}, expected {(y, x)}")
        network = Network(
            sizes,
            activation=Activation.restored(*_said("activation", arrays)),
            cost=Cost.restored(*_said("cost", arrays)),
            optimiser=Optimiser.restored(*_said("optimiser", UNSAID | arrays)),
            regulariser=Regulariser.restored(*_said("regulariser", UNSAID | arrays)),
            standardisation=_standardisation(arrays),
            dtype=str(arrays["dtype"]),
            rng=0,
        )
    except KeyError as error:
        raise DataError(f"{path}: has no array {error}, {EXPECTED}") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"{path}: {error}, {EXPECTED}") from error
    fill(network, arrays, path)
    if fingerprint and (other := network.fingerprint()) != fingerprint:
        raise DataError(f"{path}: holds weights of hash {other[:12]}, expected {fingerprint[:12]}, that of its epoch")
    return network


def description(network: Network) -> dict[str, Array]:
    """What the network is: sizes, dtype, and the kind and settings of each part, as `activation.slope`.

    The optimiser `sgd`, the regulariser `none`, inputs that are not standardised, and settings as they were before
    there were they go without saying.
    """
    parts: list[Component] = [network.activation, network.cost]
    parts += [part for part in (network.optimiser, network.regulariser) if part.kind != UNSAID[part.group]]
    described = {"sizes": np.array(network.sizes), "dtype": np.array(network.dtype.name)}
    for part in parts:
        described[part.group] = np.array(part.kind)
        later = later_settings(part)
        said = {name: value for name, value in part.settings.items() if name not in later or value != later[name]}
        described |= {f"{part.group}.{name}": np.array(value) for name, value in said.items()}
    if len(network.standardise.mean):
        described |= {MEAN: network.standardise.mean, FACTOR: network.standardise.factor}
    return described


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


def fill_optimiser(network: Network, arrays: dict[str, Array], path: Path) -> None:
    """Put what its optimiser has kept into the network; raises `DataError` naming what is missing, or off."""
    skeletons = network.optimiser_arrays()
    found = {name: _fitting(arrays, name, skeleton, path) for name, skeleton in skeletons.items()}
    for name, skeleton in skeletons.items():
        skeleton[...] = found[name]


def write(path: Path, arrays: dict[str, Array]) -> None:
    """Write an `.npz` file that is complete as soon as it is there: to a temporary name, to disk, renamed."""
    from nnexp.runtime.owned_files import written  # a network that is served carries what it needs for reading alone

    hashed = arrays | {SHA256: np.array(_sha256(arrays))}
    with written(path) as file:
        np.savez(file, allow_pickle=False, **hashed)


def read(path: Path) -> dict[str, Array]:
    """All arrays of an `.npz` file; raises `DataError` if it is damaged, changed, not there, or holds a pickle."""
    try:
        if path.is_file() and not zipfile.is_zipfile(path):
            raise DataError(f"{path}: is no whole .npz file")
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            limit = Limit(ROOM + RATIO * os.fstat(opened.fileno()).st_size, f"{RATIO} times its size")
            limit.check_arrays(file, file.files, path)
            arrays = {name: np.asarray(file[name]) for name in file.files}
    except DataError as error:
        raise type(error)(f"{error}, {EXPECTED}") from None
    except Exception as error:  # zipfile and numpy have many: a damaged file is a damaged file
        raise DataError(f"{path}: {error}, {EXPECTED}") from error
    written = arrays.pop(SHA256, None)
    if written is not None and str(written) != (found := _sha256(arrays)):
        raise DataError(f"{path}: was changed: it has the hash {found[:12]}, expected {str(written)[:12]}")
    return arrays


def _standardisation(arrays: dict[str, Array]) -> Standardisation | None:
    """What the network does with its inputs first; files of networks that do nothing, all earlier ones, don't say."""
    return Standardisation(arrays[MEAN], arrays[FACTOR]) if MEAN in arrays else None


def _said(group: str, arrays: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind and the settings of a part."""
    prefix = f"{group}."
    settings = {name.removeprefix(prefix): array.tolist() for name, array in arrays.items() if name.startswith(prefix)}
    return str(arrays[group]), settings


def _sha256(arrays: dict[str, Array]) -> str:
    """SHA-256, hexadecimal, of arrays with their names, shapes and dtypes."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _fitting(arrays: dict[str, Array], name: str, skeleton: Array, path: Path) -> Array:
    """The array of that name, if it has the skeleton's shape and dtype."""
    found = arrays.get(name)
    if found is None or found.shape != skeleton.shape or found.dtype != skeleton.dtype:
        what = "nothing" if found is None else f"{found.dtype} {found.shape}"
        raise DataError(f"{path}: {name} is {what}, expected {skeleton.dtype} {skeleton.shape}")
    return found
