"""One run from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnexp.config.compose import config_of
from nnexp.notebook.live import shown_epochs
from nnexp.notebook.places import new_folder
from nnexp.notebook.results import Run
from nnexp.notebook.words import words_of
from nnexp.runner.one_run import one_run
from nnexp.runtime.owned_files import forget_empty


def train_run(**settings: Any) -> Run:
    """Train, or look up, the run with these settings; gives its network, its history and its objective.

        run = train_run(sizes=[784, 100, 10], eta=3.0)
        run.history.chosen.epoch

    The settings are those of the command line, with its defaults; one with a dot in its name goes into a
    dictionary: `train_run(data="npz", **{"data.path": "digits.npz"})`. Files go into outputs/ of the current folder.
    Raises what the command shows as messages: `nnexp.errors.ConfigError` with all problems of the settings,
    `DataError`, `TrackingError`, `Diverged`.
    """
    folder = new_folder()
    try:
        return Run(**vars(one_run(config_of(words_of(settings)), folder, shown=shown_epochs)))
    finally:
        forget_empty(folder, Path("outputs").absolute())  # of a run that was looked up
