"""Where a run is remembered: in MLflow, or nowhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnexp.component import Component, setting
from nnexp.errors import redacted
from nnexp.tracking.mlflow.ui.views import COLOR, color

if TYPE_CHECKING:
    from nnexp.tracking.mlflow.run_store import Memory


@dataclass(frozen=True)
class Record:
    """What a tracker is told of a run beside its events.

    name: what the run is called. params: every setting. tags: where it comes from. folder: of its own; those of
    `files`, names of files and folders, that are in it at the end become artifacts. images: of the folder in it
    that holds images over time, NAME/STEP.png, if there are any. held: keeps signals waiting while something must
    not be torn.
    """

    name: str
    params: dict[str, Any]
    tags: dict[str, str]
    folder: Path
    files: Sequence[str]
    images: str
    held: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Results:
    """What a summary says: a markdown text, files by name, counts by name, and the best run's id, if there is one.

    verdict: what came of the sweep, in a line.
    """

    text: str
    files: Mapping[str, str | bytes]
    counts: Mapping[str, int]
    best: str
    verdict: str = ""


SWEEP = "sweep"
CHECKPOINT_FOLDER = "nnexp.checkpoints"  # a tag: where the run's checkpoints are, on the machine that wrote it


def membership(sweep: str | None, group: int) -> dict[str, str]:
    """The tags of a run of this sweep: the one it was last in, one for each that it is in, and its setting's colour.

    group: which of the sweep's settings, seeds apart, it has.
    """
    return {SWEEP: sweep, f"{SWEEP}.{sweep}": "yes", COLOR: color(group)} if sweep else {}


def members_filter(sweep: str) -> str:
    """MLflow's filter for the sweep's runs."""
    return f"tags.`{SWEEP}.{sweep}` = 'yes'"


@dataclass
class Tracking(Component):
    """Who remembers runs."""

    group = "tracking"

    @abstractmethod
    def memory(self) -> Memory | None:
        """What is remembered of earlier runs, and takes in new ones; raises `TrackingError` if it does not open."""


@dataclass
class MLflow(Tracking):
    """An MLflow store.

    uri: of the store or server; None means MLFLOW_TRACKING_URI, or mlflow.db in the folder of the command.
    experiment: the name that runs are filed under.
    """

    kind: str = "mlflow"
    uri: str | None = setting(
        None,
        help="of the store or server; null: MLFLOW_TRACKING_URI, or mlflow.db in the folder of the command",
        counts=False,
    )
    experiment: str = setting("nnexp", help="the name that runs are filed under", counts=False)

    def problems(self) -> list[str]:
        problems = []
        if not self.experiment.strip():
            problems.append(f"tracking.experiment: got {self.experiment!r}, expected a name")
        if self.uri is not None and not self.uri:
            problems.append("tracking.uri: got '', expected an address such as sqlite:///mlflow.db")
        if self.uri and redacted(self.uri) != self.uri:
            problems.append(
                "tracking.uri: holds a name or a password, which would be written into files; "
                "put the address into the environment variable MLFLOW_TRACKING_URI"
            )
        return problems

    def memory(self) -> Memory:
        from nnexp.tracking.mlflow.store import open_store, resolve

        store = open_store(resolve(self.uri), self.experiment)
        from nnexp.tracking.mlflow.run_store import Memory  # imports MLflow, which opening the store has prepared

        return Memory(store)


@dataclass
class Off(Tracking):
    """Nobody: the run's folder under outputs/ is all that stays."""

    kind: str = "off"

    def memory(self) -> None:
        return None
