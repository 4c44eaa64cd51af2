"""The package's own loop, as a run has it: MLflow writes every epoch into a SQLite store."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench_epoch.task import Epoch, Epochs, Task
from nnexp.config.compose import config_of
from nnexp.config.schema import defaults, is_setting
from nnexp.runner.preparation import new_network
from nnexp.tracking.recording import Record
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.train.events import Started
from nnexp.train.trainer import train

ENDLESS = "epochs=1000000000"


def ours(task: Task, words: Sequence[str] = ()) -> Epochs:
    """Train as a run does. words: settings beside the task's."""
    config = config_of([*task.words, ENDLESS, *words])
    with tempfile.TemporaryDirectory(prefix="nnexp-bench-") as name:
        folder = Path(name)
        (folder / "config.yaml").touch()
        record = Record("bench", {}, {}, folder, (), "images", contextlib.nullcontext)
        recorder = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open().recorder(record, None)
        network = new_network(config, task.dataset)
        recorder(Started(network, task.dataset, 0))
        events = train(network, task.dataset, config)
        recorder(next(events))
        for _ in itertools.count(1):
            start = time.perf_counter()
            event = next(events)
            recorder(event)
            yield Epoch(time.perf_counter() - start, event.metrics["train_cost"])


def other_engines() -> list[str]:
    """Our engines beside the default one: none where there is but one."""
    if not is_setting("engine"):
        return []
    return sorted({"compiled", "numpy"} - {defaults()["engine"]})
