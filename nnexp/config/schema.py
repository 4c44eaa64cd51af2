"""The configuration: every setting, what it may be, and every choice. The one module that knows them all."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from nnexp.component import Component
from nnexp.config.rules import RULES, misfits, unexpected
from nnexp.config.sweep_settings import Sweep
from nnexp.data.dataset import Dataset
from nnexp.data.sources.base import Source
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.fashion_mnist import FashionMnist
from nnexp.data.sources.idx import Idx
from nnexp.data.sources.mnist import Mnist
from nnexp.data.sources.mnist_pickle import MnistPickle
from nnexp.data.sources.npz import Npz
from nnexp.errors import ConfigError
from nnexp.launch.engines.base import Launcher
from nnexp.launch.engines.joblib import Joblib
from nnexp.launch.engines.parallel import Parallel
from nnexp.launch.engines.serial import Serial
from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.sigmoid import Sigmoid
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.quadratic import Quadratic
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.printable import counted
from nnexp.tracking.stores.base import Tracking
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.stores.off import Off

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE if (PACKAGE / "conf").is_dir() else PACKAGE.parent  # a wheel carries conf/ inside the package
CONF, EXPERIMENTS = ROOT / "conf", ROOT / "experiments"
PLUGINS = PACKAGE / "plugins"


@dataclass
class Config:
    """The settings of a run. Defaults: conf/config.yaml. Meaning: `python -m nnexp.run --help`."""

    sizes: list[int]
    epochs: int
    mini_batch_size: int
    eta: float
    seed: int
    dtype: str
    threads: int
    data: Source
    activation: Activation
    cost: Cost
    init: Initialiser
    tracking: Tracking
    resume: str
    checkpoint_seconds: float
    checkpoint_upload: bool
    pictures: bool
    monitor: list[str]
    launch: Launcher
    sweep: Sweep = field(default_factory=Sweep)


GROUPS: dict[str, list[type[Component]]] = {
    "data": [Mnist, MnistPickle, Idx, Npz, Digits],
    "activation": [Sigmoid, Tanh, Relu],
    "cost": [Quadratic, CrossEntropy],
    "init": [ScaledGaussian, Gaussian],
    "tracking": [MLflow, Off],
    "launch": [Parallel, Serial, Joblib],
}

OTHERS = ("sweep", "experiments")  # what is neither a value nor a choice that a run keeps


def is_setting(name: str) -> bool:
    """Whether there is a setting of that name, or one above it: `data` is, and so `data.path` may be."""
    return name.partition(".")[0] in (*RULES, *GROUPS, *OTHERS)


def is_plain(name: str) -> bool:
    """Whether the setting is a value, and no choice: those Hydra applies last, in their order."""
    return name in RULES or (is_setting(name) and bool(re.fullmatch(r"\w+\.[\w.]+", name)))


def choices(group: str) -> list[type[Component]]:
    """The choices of a group."""
    return [*GROUPS[group], *([FashionMnist] if group == "data" else [])]  # the only one with a file in conf/


def register() -> None:
    """Tell Hydra every choice with its types, every preset, and our plugins; `conf/` can then name them."""
    if str(PLUGINS) not in sys.path:
        sys.path.append(str(PLUGINS))
    store = ConfigStore.instance()
    store.store(name="schema", node=Config)
    store.store(group="data", name="fashion_mnist_schema", node=FashionMnist)
    for group, choices in GROUPS.items():
        for choice in choices:
            store.store(group=group, name=choice.kind, node=choice)
    for preset in sorted(EXPERIMENTS.glob("*.yaml")):
        # As a search path its parent would do too, but all that lies in it would turn up in tab completion.
        store.store(group="experiments", name=preset.stem, node=OmegaConf.load(preset), package="_global_")


def config_from(composed: DictConfig) -> Config:
    """The composed configuration as objects; raises `ConfigError` with all of its problems."""
    missing = [each.name for each in fields(Config) if each.name not in composed]  # deleted by ~name
    if missing:
        raise ConfigError([f"{name}: got nothing, expected a value" for name in missing])
    try:
        settled = copy.deepcopy(composed)
        OmegaConf.resolve(settled)  # what an interpolation leads to has to be of the setting's type, too
        config = OmegaConf.to_object(settled)
    except OmegaConfBaseException as error:  # an interpolation that leads nowhere, for instance
        name = error.full_key or next(_interpolated(composed), "configuration")
        raise ConfigError([f"{name}: {str(error).splitlines()[0].rstrip('.')}"]) from error
    assert isinstance(config, Config)  # noqa: S101  # what the schema in conf/config.yaml makes it
    problems = problems_of(config)
    if problems:
        raise ConfigError(problems)
    return config


def _interpolated(composed: DictConfig) -> Iterator[str]:
    """The names of settings whose values are elsewhere, `${eta}`."""
    for name in map(str, composed):
        if OmegaConf.is_interpolation(composed, name):
            yield name
        elif not OmegaConf.is_missing(composed, name) and isinstance(composed[name], DictConfig):
            yield from (f"{name}.{below}" for below in _interpolated(composed[name]))


def config_from_yaml(text: str) -> Config:
    """The configuration that a run has left as config.yaml, whatever conf/ says today.

    A saved YAML has no types: `kind` says which class a choice is of. Raises `ConfigError` for what does not fit.
    """
    try:
        saved = OmegaConf.create(text)
        if not isinstance(saved, DictConfig):
            raise ConfigError(["got a list, expected settings"])
        saved.setdefault("launch", {"kind": Parallel.kind})
        for name in ("over", "group"):  # earlier versions kept there what a run is in its sweep
            saved.get("sweep", {}).pop(name, None)
        for group in GROUPS:
            if not isinstance(saved.get(group), DictConfig):
                raise ConfigError([f"{group}: got {saved.get(group)!r}, expected a choice with its settings"])
            saved[group] = OmegaConf.merge(OmegaConf.structured(_class_of(group, saved[group].kind)), saved[group])
        composed = OmegaConf.merge(OmegaConf.structured(Config), defaults_alone(), saved)
    except (OmegaConfBaseException, YAMLError, AttributeError) as error:
        raise ConfigError([str(error).splitlines()[0]]) from error
    assert isinstance(composed, DictConfig)  # noqa: S101  # merged from dictionaries
    return config_from(composed)


def _class_of(group: str, kind: str) -> type[Component]:
    named = {choice.kind: choice for choice in choices(group)}
    if kind not in named:
        raise ConfigError([f"{group}: got {kind!r}, expected one of {', '.join(sorted(named))}"])
    return named[kind]


def problems_of(config: Config) -> list[str]:
    """Everything that is wrong with the settings, as far as can be told without reading data."""
    values = {name: getattr(config, name) for name in RULES}
    problems = [unexpected(name, value) for name, value in values.items() if not RULES[name].allows(value)]
    if RULES["eta"].allows(config.eta) and RULES["dtype"].allows(config.dtype):
        smallest, largest = (float(getattr(np.finfo(config.dtype), limit)) for limit in ("tiny", "max"))
        if not smallest <= config.eta <= largest:
            holds = f"{smallest:.2g} to {largest:.2g}, what {config.dtype} can hold"
            problems.append(f"eta: got {config.eta}, expected a number from {holds}")
    problems += unknown(config, "")
    for group in GROUPS:
        choice: Component = getattr(config, group)
        if choice.kind != type(choice).kind:
            problems.append(
                f"{group}.kind: got {choice.kind!r}, expected {type(choice).kind!r}; say {group}={choice.kind}"
            )
        problems += unknown(choice, f"{group}.")
        problems += choice.problems()
    problems += unknown(config.sweep, "sweep.") + config.sweep.problems()
    if config.data.known and RULES["sizes"].allows(config.sizes):
        problems += misfits(config.sizes, config.data.kind, *config.data.known)
    return problems


def unknown(settings: Any, prefix: str) -> list[str]:
    """Messages for what `+name=value` has added to the settings of a dataclass, where nothing would read it."""
    known = {each.name for each in fields(settings)}
    return [f"{prefix}{name}: no such setting; --help lists them" for name in vars(settings) if name not in known]


def check_against(config: Config, dataset: Dataset) -> None:
    """Raise `ConfigError` if the settings don't fit the data that was read."""
    problems = misfits(config.sizes, dataset.name, dataset.n_values, dataset.classes)
    if config.mini_batch_size > len(dataset.train):
        available = f"{dataset.name} has {counted(len(dataset.train), 'training example')}"
        problems.append(f"mini_batch_size: got {config.mini_batch_size}, but {available}")
    if problems:
        raise ConfigError(problems)


def flat(config: Config) -> dict[str, Any]:
    """Every setting by the name it has on the command line: `{"eta": 3.0, "data": "npz", "data.path": ...}`."""
    settings: dict[str, Any] = {}
    for name, value in vars(config).items():
        if is_dataclass(value):
            parts = dict(vars(value))
            if "kind" in parts:
                settings[name] = parts.pop("kind")
            settings |= {f"{name}.{part}": part_value for part, part_value in parts.items()}
        else:
            settings[name] = value
    return settings


def defaults() -> dict[str, Any]:
    """The values that conf/config.yaml gives to settings and groups."""
    listed = [entry for entry in _root()["defaults"] if isinstance(entry, dict)]
    groups = {name: kind for entry in listed for name, kind in entry.items() if name in GROUPS}
    return defaults_alone() | groups


def defaults_alone() -> dict[str, Any]:
    """The values that conf/config.yaml gives to settings, without the groups."""
    root = _root()
    return {name: root[name] for name in RULES}


@cache
def _root() -> dict[str, Any]:
    values = OmegaConf.to_container(OmegaConf.load(CONF / "config.yaml"))
    assert isinstance(values, dict)  # noqa: S101  # the file is ours
    return {str(name): value for name, value in values.items()}
