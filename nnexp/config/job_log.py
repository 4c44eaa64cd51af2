"""A job's log, set up in its own process as Hydra does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def open_log(log: Mapping[str, Any], verbose: bool | str | Sequence[str]) -> None:
    """Set up logging for this process. log: as `logging.config` has it. verbose: Hydra's setting of that name."""
    from hydra.core.utils import configure_log
    from omegaconf import OmegaConf

    loggers = verbose if isinstance(verbose, bool | str) else OmegaConf.create(list(verbose))
    configure_log(OmegaConf.create(dict(log)), loggers)
