"""What a run needs before it begins: its network, and enough memory."""

from __future__ import annotations

from nnexp.config.schema import Config
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.nn.network import Network
from nnexp.tracking.stores.off import Off
from nnexp.train.memory import footprint


def memory_needed(config: Config, dataset: Dataset) -> int:
    """The highest memory, in bytes, that a process which does this run alone will hold."""
    return footprint(
        config.sizes,
        config.mini_batch_size,
        config.dtype,
        dataset,
        monitor=config.monitor,
        kept=len(config.optimiser.keeps),
        tracked=config.tracking.kind != Off.kind,
    )


def new_network(config: Config) -> Network:
    """The network that the configuration describes, with the first weights of its seed."""
    try:
        return Network(
            config.sizes,
            activation=config.activation,
            cost=config.cost,
            init=config.init,
            optimiser=config.optimiser,
            regulariser=config.regulariser,
            dtype=config.dtype,
            rng=[config.seed, 0],
        )
    except (MemoryError, ValueError, OverflowError) as error:
        raise ConfigError([f"sizes: got {config.sizes}, expected a network that fits into memory ({error})"]) from error
