"""A job's log, set up in its own process as Hydra does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from nnexp.config.schema import CONF
from nnexp.runtime.owned_files import LOG

TERMINAL, FILE = "terminal", "file"  # handlers: the one that prints, the one that writes


def open_log(log: Mapping[str, Any], verbose: bool | str | Sequence[str]) -> None:
    """Set up logging for this process. log: as `logging.config` has it. verbose: Hydra's setting of that name."""
    from hydra.core.utils import configure_log
    from omegaconf import OmegaConf

    loggers = verbose if isinstance(verbose, bool | str) else OmegaConf.create(list(verbose))
    configure_log(OmegaConf.create(dict(log)), loggers)


def log_into(folder: Path) -> dict[str, Any]:
    """How a job logs that has come as a file: as nnexp has it, for what files say may name any class, and any file."""
    handlers = {**_own()["handlers"]}
    handlers[FILE] = {**handlers[FILE], "filename": str(folder / LOG)}
    return {**_own(), "handlers": in_a_sweep(handlers)}


def in_a_sweep(handlers: Mapping[str, Any]) -> dict[str, Any]:
    """The handlers of a job's log: a sweep has one display for all of its jobs, they print warnings only."""
    return {name: each | {"level": "WARNING"} if name == TERMINAL else each for name, each in handlers.items()}


@cache
def _own() -> dict[str, Any]:
    from omegaconf import OmegaConf

    log: Any = OmegaConf.to_container(OmegaConf.load(CONF / "hydra" / "job_logging" / "nnexp.yaml"))
    return dict(log)
