"""Whether a configuration makes sense: all that is wrong with it, a line each."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from nnexp.component import Component, problems_of
from nnexp.config.schema import GROUPS, Config
from nnexp.data.dataset import Dataset
from nnexp.data.subset import scarce
from nnexp.errors import ConfigError
from nnexp.printable import counted
from nnexp.tracking.stores.off import Off

COMPUTING = ("activation", "cost", "init", "optimiser", "regulariser", "average")  # whose numbers become the dtype's


def problems_in(config: Config) -> list[str]:
    """Everything that is wrong with the settings, as far as can be told without reading data."""
    problems = problems_of(config)
    problems += unknown(config, "")
    for group in GROUPS:
        part: Component = getattr(config, group)
        if part.kind != type(part).kind:
            problems.append(f"{group}.kind: got {part.kind!r}, expected {type(part).kind!r}; say {group}={part.kind}")
        problems += unknown(part, f"{group}.") + part.problems()
    told = {each.partition(":")[0] for each in problems}
    if "sizes" not in told:
        problems += _misfits_of_layers(config, told)
    if "epochs" not in told:
        problems += config.average.too_late(config.epochs)
        problems += config.schedule.too_late(config.epochs)
    if "dtype" not in told:
        problems += _out_of_range(config, told)
    problems += unknown(config.sweep, "sweep.") + config.sweep.problems()
    if config.resume == "require" and config.tracking.kind == Off.kind:
        problems.append("resume: got 'require', but with tracking=off no run is remembered that it could find")
    if config.balanced and config.train_size is None:
        problems.append("balanced: got true, expected a train_size with it: how many examples to choose")
    if config.data.known and "sizes" not in told:
        problems += misfits(config.sizes, config.data.kind, *config.data.known)
    return problems


def unknown(settings: Any, prefix: str) -> list[str]:
    """Messages for what `+name=value` has added to the settings of a dataclass, where nothing would read it."""
    known = {each.name for each in fields(settings)}
    return [
        f"{prefix}{name}: no such setting; nnexp run --help lists them" for name in vars(settings) if name not in known
    ]


def check_against(config: Config, dataset: Dataset) -> None:
    """Raise `ConfigError` if the settings don't fit the data that was read."""
    problems = misfits(config.sizes, dataset.name, dataset.n_values, dataset.classes)
    problems += _too_few(config, dataset)
    if shape := dataset.image_shape:
        problems += config.augment.misfits(*shape[:2])
    elif config.augment.changes:
        expected = "images (height, width) or (height, width, 3)"
        problems.append(
            f"augment: got {config.augment.kind}, but {dataset.name} has examples of shape {dataset.shape}, "
            f"expected {expected}"
        )
    if problems:
        raise ConfigError(problems)


def _too_few(config: Config, dataset: Dataset) -> list[str]:
    """What asks for more training examples than there are."""
    train, n = dataset.train, config.train_size
    available = f"{dataset.name} has {counted(len(train), 'training example')}"
    if n and n > len(train):
        return [f"train_size: got {n}, but {available}"]
    if n and config.balanced and (few := scarce(train, dataset.classes, n)):
        has = ", ".join(f"{count:,} of class {label}" for label, count in few.items())
        most = f"expected at most {min(few.values()) * dataset.classes} with balanced=true"
        return [f"train_size: got {n}, but {dataset.name} has only {has} to train on; {most}"]
    if config.mini_batch_size > (n or len(train)):
        available = f"train_size is {n}" if n else available
        return [f"mini_batch_size: got {config.mini_batch_size}, but {available}"]
    return []


def misfits(sizes: list[int], name: str, n_values: int, classes: int) -> list[str]:
    """How the first and the last layer don't fit examples of `n_values` values and `classes` classes."""
    problems = []
    if sizes[0] != n_values:
        problems.append(
            f"sizes: first layer has {counted(sizes[0], 'unit')}, but {name} examples have {counted(n_values, 'value')}"
        )
    if sizes[-1] != classes:
        problems.append(f"sizes: last layer has {counted(sizes[-1], 'unit')}, but {name} has {classes} classes")
    if problems:
        fitting = ",".join(map(str, [n_values, *sizes[1:-1], classes]))
        problems[-1] += f"; write 'sizes=[{fitting}]'"
    return problems


def _misfits_of_layers(config: Config, told: set[str]) -> list[str]:
    """What is said layer by layer of other layers than there are; nothing of settings that are told already."""
    problems, dropout = [], config.dropout
    if "activation.layers" not in told:
        try:
            config.activation.of_layers(len(config.sizes) - 2)
        except ValueError as error:
            problems.append(str(error))
    if "dropout" not in told and isinstance(dropout, list) and len(dropout) != (feeding := len(config.sizes) - 1):
        expected = f"{counted(feeding, 'number')}, one for each layer but the last"
        problems.append(f"dropout: got {dropout}, expected {expected}")
    return [f"{each} of 'sizes=[{','.join(map(str, config.sizes))}]'" for each in problems]


def _out_of_range(config: Config, told: set[str]) -> list[str]:
    """What is wrong with numbers of the arithmetic that the network's own can't hold: they would become 0 or infinite.

    told: settings of which something is said already.
    """
    smallest, largest = (float(getattr(np.finfo(config.dtype), limit)) for limit in ("tiny", "max"))
    parts = {f"{group}.{name}": value for group in COMPUTING for name, value in getattr(config, group).settings.items()}
    return [
        f"{name}: got {value}, expected a number from {smallest:.2g} to {largest:.2g}, what {config.dtype} can hold"
        for name, value in {"eta": config.eta, **parts}.items()
        if name not in told and isinstance(value, float) and value and not smallest <= abs(value) <= largest
    ]
