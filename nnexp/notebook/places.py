"""Where runs from Python write: below outputs/ of the current folder, in a folder of the time at which they began."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nnexp.config.job_log import log_into
from nnexp.runner.job import Job, Place
from nnexp.sweeps.job_outcomes import Places


def new_folder() -> Path:
    """A folder that no other run has."""
    return Path("outputs").absolute() / f"{datetime.now():%Y-%m-%d/%H-%M-%S-%f}"


def new_places() -> Places:
    """A folder for a sweep, with one for each of its jobs, which keeps its log there."""
    folder = new_folder()

    def place(number: int, _: Job) -> Place:
        own = folder / str(number)
        return Place(own, log_into(own))

    return Places(folder, place)
