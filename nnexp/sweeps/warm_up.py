"""What the first job of a process takes time for, done once before processes are forked, which then have it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nnexp.config.schema import Config
from nnexp.data.dataset import Dataset
from nnexp.errors import in_a_line
from nnexp.nn.blas import blas_threads
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.runner.job import Job
from nnexp.runner.preparation import new_network
from nnexp.tracking.provenance import provenance

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore

log = logging.getLogger(__name__)


def warm_up(jobs: Sequence[Job], datasets: Mapping[str, Dataset], store: RunStore | None) -> None:
    """Load or make machine code for each arithmetic of these jobs, and what their runs have in common in the store.

    datasets: by their source as text. What can't be done here can't be done in a job, which will say so.
    """
    provenance()
    ready: set[str] = set()
    for job in jobs:
        if (alike := _alike(job.config)) in ready:
            continue
        ready.add(alike)
        dataset = datasets[repr(job.config.data)]
        try:
            network = new_network(_small(job.config), dataset)
            _practise(network, dataset, job.config)
            if store:
                store.expect(network, dataset.test)
        except Exception as error:  # of a part of another package, or a store: that job tells, and others go on
            log.debug("job %s could not be prepared: %s", job.name, in_a_line(error))


def _alike(config: Config) -> str:
    """The same for jobs of the same machine code, whose models take and give the same."""
    parts = [config.engine, config.activation, config.cost, config.optimiser, config.regulariser, config.average]
    return repr([*parts, config.dtype, config.data, config.sizes[0], config.sizes[-1]])


def _small(config: Config) -> Config:
    """A network of one unit in each hidden layer is of the same machine code as any other."""
    hidden = [1] * (len(config.activation.layers) or 1)
    return replace(config, sizes=[config.sizes[0], *hidden, config.sizes[-1]])


def _practise(network: Network, dataset: Dataset, config: Config) -> None:
    """Train and judge the network on some examples."""
    with blas_threads(config.threads):
        for examples in (dataset.test, dataset.validation):
            network.evaluate(Examples(examples.x[:1], examples.y[:1], examples.scale))
        network.train_epoch(dataset.train, np.arange(1), config.mini_batch_size, config.eta)
