"""What starts pulling workers elsewhere: the contract of an engine such as a cluster's scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol

Facts = Mapping[str, str]
"""What an engine has to remember of the workers that it has started, such as the number of a job array."""


class Engine(Protocol):
    """Starts workers that pull jobs from a queue's folder; it knows nothing of the jobs.

    kind: of its launcher. remembers: the names of its facts.
    """

    kind: str
    remembers: ClassVar[tuple[str, ...]]

    def check(self) -> None:
        """Raise `LaunchError` if it could start no worker; nothing is started."""

    def start(self, queue: Path, workers: int) -> Facts:
        """Start so many workers for the queue in this folder, and come back at once; `LaunchError` if it can't be."""

    def lost(self, facts: Facts) -> str:
        """Why no worker of those will come, or come back, any more; empty while one may, and where it is not known."""

    def cancel(self, facts: Facts) -> None:
        """End all of those workers, as SIGTERM does: they store their checkpoints and give their jobs back."""
