"""Runs remembered by MLflow: in a SQLite file or a database, or on a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from nnexp.component import Rule, setting
from nnexp.errors import redacted
from nnexp.tracking.stores.base import EXPERIMENT, Tracking
from nnexp.tracking.stores.folder import Folder

if TYPE_CHECKING:
    from nnexp.tracking.mlflow.run_store import MLflowRuns
    from nnexp.tracking.run_store import RunStore


@dataclass
class MLflow(Tracking):
    """An MLflow store."""

    kind: str = "mlflow"
    uri: Optional[str] = setting(  # noqa: UP045  # OmegaConf reads annotations at run time
        None,
        help="of the store or server; null: MLFLOW_TRACKING_URI, or mlflow.db in the folder of the command",
        rule=Rule("an address such as sqlite:///mlflow.db", lambda value: value != ""),
        counts=False,
    )
    experiment: str = setting(
        EXPERIMENT,
        help="the name that runs are filed under",
        rule=Rule("a name", lambda value: isinstance(value, str) and bool(value.strip())),
        counts=False,
    )

    def conflicts(self) -> list[str]:
        if self.uri and redacted(self.uri) != self.uri:
            return [
                "tracking.uri: holds a name or a password, which would be written into files; "
                "put the address into the environment variable MLFLOW_TRACKING_URI"
            ]
        return []

    def open(self, make: bool = True) -> RunStore:
        """See `Tracking.open`; a server that is to be written to is waited for by another process than this."""
        from nnexp.tracking.mlflow.store import is_served, resolve, without_login

        if not (make and is_served(resolve(self.uri))):
            return self.itself(make)
        from nnexp.tracking.served.run_store import ServedRuns

        folder = Folder().open()
        return ServedRuns(Path(folder.address), without_login(resolve(self.uri)), self.experiment)

    def itself(self, make: bool = True) -> MLflowRuns:
        """The store as MLflow has it, with nothing between."""
        from nnexp.tracking.mlflow.store import open_store, resolve

        store = open_store(resolve(self.uri), self.experiment, make)
        from nnexp.tracking.mlflow.run_store import MLflowRuns  # imports MLflow, which opening has prepared

        return MLflowRuns(store)
