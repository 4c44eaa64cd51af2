"""What there is of a run before it begins: data that its settings fit, memory, its key, and a new network."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nnexp.config.checks import check_against
from nnexp.config.naming import name_of
from nnexp.config.schema import Config, flat
from nnexp.config.sweep_settings import Membership
from nnexp.data.dataset import Dataset
from nnexp.data.label_noise import with_label_noise
from nnexp.data.sources.base import Source
from nnexp.data.subset import subset
from nnexp.errors import ConfigError
from nnexp.identity import run_key
from nnexp.nn.descent import scratch
from nnexp.nn.engines.compiled import Compiled
from nnexp.nn.network import Network
from nnexp.nn.standardisation import fitted
from nnexp.nn.update import Update
from nnexp.runtime.cores import cores, more_than_cores
from nnexp.runtime.memory import free_memory, own_memory, too_large
from nnexp.runtime.waiting import doing
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.stores.off import Off
from nnexp.train.footprint import footprint

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """A run that can begin.

    settings: by name, as on the command line. name: what it is called. folder: for its files. membership: in a sweep,
    if it is part of one.
    """

    config: Config
    dataset: Dataset
    settings: dict[str, Any]
    key: str
    name: str
    folder: Path
    membership: Membership | None = None


def prepare(
    config: Config,
    folder: Path,
    load: Callable[[Source], Dataset] | None = None,
    free: Callable[[], int] = free_memory,
    membership: Membership | None = None,
) -> Prepared:
    """Read the data, and check that the settings fit them and the memory; raises `ConfigError` or `DataError`.

    load: what reads the data, if not the source itself. free: tells how many bytes of memory are.
    """
    with doing(f"reading {config.data.kind}"):
        read = load(config.data) if load else config.data.load()
        dataset = data_for(config, read)
    if problem := too_large(memory_needed(config, read), free() + own_memory()):
        raise ConfigError([f"sizes: got {config.sizes}, which {problem}"])
    if config.threads > cores() and not membership:  # a sweep tells it once
        log.warning("%s", more_than_cores("threads", config.threads))
    settings = flat(config)
    name = name_of(config, membership.over if membership else ())
    return Prepared(config, dataset, settings, run_key(settings, dataset.sha256), name, folder, membership)


def data_for(config: Config, dataset: Dataset) -> Dataset:
    """What was read as the run uses it: some of the training examples, some labels wrong, if the settings say so.

    Validation and test stay what they are. Raises `ConfigError` if the settings don't fit the data.
    """
    check_against(config, dataset)
    train = dataset.train
    if config.train_size:
        train = subset(train, config.train_size, config.seed, config.balanced)
    if config.label_noise:
        train = with_label_noise(train, config.label_noise, dataset.classes, config.seed)
    return replace(dataset, train=train)


def memory_needed(config: Config, dataset: Dataset) -> int:
    """The highest memory, in bytes, that a process which does this run alone will hold. dataset: as it was read."""
    return footprint(
        config.sizes,
        config.mini_batch_size,
        config.dtype,
        dataset,
        monitor=config.monitor,
        dropout=config.dropout,
        kept=len(config.optimiser.keeps) + bool(config.average.each),
        scratch=scratch(Update(config.optimiser, config.regulariser, config.average)),
        drawing=config.init.scratch,
        tracked=config.tracking.kind == MLflow.kind,
        checkpoints=config.tracking.kind != Off.kind,
        compiled=config.engine.kind == Compiled.kind,
        augmented=config.augment.changes,
        train_size=config.train_size,
    )


def new_network(config: Config, dataset: Dataset) -> Network:
    """The network that the configuration describes, with the first weights of its seed. dataset: as the run uses it."""
    try:
        return Network(
            config.sizes,
            activation=config.activation,
            cost=config.cost,
            init=config.init,
            optimiser=config.optimiser,
            regulariser=config.regulariser,
            average=config.average,
            engine=config.engine,
            standardisation=fitted(dataset.train, dataset.image_shape is None) if config.standardise else None,
            dtype=config.dtype,
            rng=[config.seed, 0],
        )
    except (MemoryError, ValueError, OverflowError) as error:
        raise ConfigError([f"sizes: got {config.sizes}, expected a network that fits into memory ({error})"]) from error
