"""Where a run is remembered: in MLflow, or nowhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Protocol
from urllib.parse import urlsplit

from nnexp.choice import Choice
from nnexp.train.events import Event


@dataclass(frozen=True)
class Record:
    """What a tracker is told of a run beside its events.

    name: what the run is called. params: every setting. tags: where it comes from. folder: its files,
    all of which become artifacts. held: keeps signals waiting while something must not be torn.
    """

    name: str
    params: dict[str, Any]
    tags: dict[str, str]
    folder: Path
    held: Callable[[], AbstractContextManager[None]]


class Recorder(Protocol):
    """A listener that can say where it has put the run."""

    def __call__(self, event: Event) -> None: ...

    def whereabouts(self) -> list[str]:
        """Lines for the user: the run's id, and how to look at it."""


@dataclass
class Tracking(Choice):
    """Who remembers runs."""

    @abstractmethod
    def recorder(self, record: Record) -> Recorder | None:
        """The listener that remembers this run, if any; raises `TrackingError` if its store does not open."""


@dataclass
class MLflow(Tracking):
    """An MLflow store.

    uri: of the store or server; None means MLFLOW_TRACKING_URI, or mlflow.db in the folder of the command.
    experiment: the name that runs are filed under.
    """

    kind: str = "mlflow"
    uri: Optional[str] = None  # noqa: UP045  # OmegaConf reads annotations at run time
    experiment: str = "nnexp"

    def problems(self) -> list[str]:
        problems = []
        if not self.experiment.strip():
            problems.append(f"tracking.experiment: got {self.experiment!r}, expected a name")
        if self.uri is not None and not self.uri:
            problems.append("tracking.uri: got '', expected an address such as sqlite:///mlflow.db")
        if self.uri and urlsplit(self.uri).password:
            problems.append(
                "tracking.uri: holds a password, which would be written into files; "
                "put the address into the environment variable MLFLOW_TRACKING_URI"
            )
        return problems

    def recorder(self, record: Record) -> Recorder:
        from nnexp.track.store import open_store, resolve

        store = open_store(resolve(self.uri), self.experiment)
        from nnexp.track.recorder import MLflowRecorder  # imports MLflow, which opening the store has prepared

        return MLflowRecorder(store, record)


@dataclass
class Off(Tracking):
    """Nobody: the run's folder under outputs/ is all that stays."""

    kind: str = "off"

    def recorder(self, record: Record) -> None:
        return None
