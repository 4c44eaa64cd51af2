"""A recorder on a real store."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.runner.run_folder import FILES
from nnexp.tracking.mlflow.store import open_store
from nnexp.tracking.recording import Record
from nnexp.train.events import EpochDone, Started


def epoch(number: int) -> EpochDone:
    return EpochDone(number, {"test_accuracy": number / 10, "validation_accuracy": number / 10})


class Recording:
    """A recorder on a real store, for a tiny network, and its run as the store has it."""

    def __init__(self, uri: str, folder: Path) -> None:
        from nnexp.tracking.mlflow.recorder import MLflowRecorder

        (folder / "config.yaml").write_text("eta: 3.0\n")
        self.store = open_store(uri, "nnexp")
        self.record = Record(
            "a name",
            {"eta": 3.0, "sizes": [64, 10]},
            {"nnexp.key": "its key"},
            folder,
            FILES,
            "images",
            contextlib.nullcontext,
        )
        self.seconds = 0.0
        self.recorder = MLflowRecorder(self.store, self.record, clock=lambda: self.seconds)
        self.recorder(Started(Network([64, 10], rng=0), Digits().load(), 2))
        self.run_id = self.recorder.run_id

    def go_on(self, *past: EpochDone, params: dict[str, Any] | None = None) -> None:
        """What another process does that finds the run unfinished, with these epochs in its checkpoint."""
        from nnexp.tracking.mlflow.recorder import MLflowRecorder

        record = replace(self.record, params=self.record.params | (params or {}))
        self.recorder = MLflowRecorder(self.store, record, self.run, clock=lambda: self.seconds)
        self.recorder(Started(Network([64, 10], rng=0), Digits().load(), 2, past))

    @property
    def run(self) -> Any:
        return self.store.client.get_run(self.run_id)

    def steps(self) -> list[int]:
        return [point.step for point in self.store.client.get_metric_history(self.run_id, "test_accuracy")]

    def epoch(self, number: int, seconds: float = 2.0) -> None:
        self.seconds += seconds
        self.recorder(epoch(number))
