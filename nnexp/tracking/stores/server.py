"""Runs remembered by a team's MLflow server, whose address is in the environment; see conf/tracking/server.yaml."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnexp.component import Rule, filled, setting
from nnexp.errors import TrackingError, redacted
from nnexp.tracking.stores.base import Tracking
from nnexp.tracking.stores.mlflow import MLflow

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore

SUCH_AS = "https://mlflow.example.org"


@dataclass
class Server(Tracking):
    """A team's MLflow server, its address in the environment."""

    kind: str = "server"
    variable: str = setting(
        "MLFLOW_TRACKING_URI",
        help="the environment variable that holds the server's address",
        rule=Rule("the name of an environment variable", lambda value: bool(re.fullmatch(r"[A-Za-z_]\w*", value))),
        counts=False,
    )
    experiment: str = setting(
        "nnexp", help="the name that runs are filed under there", rule=filled("a name"), counts=False
    )

    def open(self, make: bool = True) -> RunStore | None:
        return MLflow(uri=self._address(), experiment=self.experiment).open(make)

    def _address(self) -> str:
        address = os.environ.get(self.variable, "")
        advice = f"export {self.variable}={SUCH_AS}, or choose tracking=mlflow or tracking=folder"
        if not address:
            raise TrackingError([f"tracking=server: {self.variable} is not set, expected a server's address", advice])
        if not address.startswith(("http://", "https://")):
            got = f"{self.variable} is {redacted(address)!r}"
            raise TrackingError([f"tracking=server: {got}, expected http://... or https://...", advice])
        return address
