"""The notebook's way: the same run from Python, with keyword settings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from nnexp.config.compose import config_of
from nnexp.config.naming import as_typed
from nnexp.runner.one_run import one_run
from nnexp.runner.result import Result
from nnexp.runtime.owned_files import forget_empty


def train_run(**settings: Any) -> Result:
    """Train, or look up, the run with these settings; gives its network, its history and its objective.

        result = train_run(sizes=[784, 100, 10], eta=3.0)
        result.history.chosen.epoch

    The settings are those of the command line, with its defaults; one with a dot in its name goes into a
    dictionary: `train_run(data="npz", **{"data.path": "digits.npz"})`. Files go into outputs/ of the current folder.
    Raises what the command shows as messages: `nnexp.errors.ConfigError` with all problems of the settings,
    `DataError`, `TrackingError`, `Diverged`.
    """
    outputs = Path("outputs").absolute()
    folder = outputs / f"{datetime.now():%Y-%m-%d/%H-%M-%S-%f}"
    try:
        return one_run(config_of(as_typed(settings)), folder)
    finally:
        forget_empty(folder, outputs)  # of a run that was looked up
