"""Finished runs without training, and all of a run that a copy has to have."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from nnexp.data.sources.digits import Digits
from nnexp.nn import weights_file
from nnexp.nn.network import Network
from nnexp.runner.run_folder import FILES
from nnexp.runtime.heartbeat import HEARTBEAT
from nnexp.runtime.signals import Interrupted
from nnexp.tracking.copying import own_tags
from nnexp.tracking.recording import Record
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import sweep_tags
from nnexp.train.events import Ended, EpochDone, Started

KEY = "ab" * 32
SWEEP = "a-sweep"


def epochs_of(network: Network, last: int) -> list[EpochDone]:
    """Epochs up to this one, the last the best, of a network that does not change."""
    facts = [{"test_accuracy": e / 10, "validation_accuracy": e / 10, "epoch_seconds": 0.5} for e in range(last + 1)]
    return [EpochDone(epoch, metrics, network.fingerprint()) for epoch, metrics in enumerate(facts)]


def recorded(store: RunStore, own: Path, last: int = 2, run: StoredRun | None = None, **more: Any) -> StoredRun:
    """A run, or one that goes on, that has come to that epoch. more: its key, its status at the end, FINISHED."""
    own.mkdir(exist_ok=True)
    (own / "config.yaml").write_text("eta: 3.0\n")
    tags = {"nnexp.key": more.get("key", KEY), "nnexp.command": "python -m nnexp.run"} | sweep_tags(SWEEP, 0, "")
    record = Record("a name", {"eta": 3.0, "sizes": [64, 10]}, tags, own, FILES, "images", contextlib.nullcontext)
    network, recorder = Network([64, 10], rng=0), store.recorder(record, run)
    epochs = epochs_of(network, last)
    recorder(Started(network, Digits().load(), 4))
    for epoch in epochs:
        recorder(epoch)
    status = more.get("status", "FINISHED")
    if status == "FINISHED":
        leave(own, network, epochs)
    recorder(Ended(status, None if status == "FINISHED" else Interrupted(2), epoch=last))
    return next(each for each in store.beginning(recorder.run_id))


def leave(own: Path, network: Network, epochs: list[EpochDone]) -> None:
    """What a finished run leaves in its folder."""
    for name in ("weights.npz", "best_weights.npz"):
        weights_file.save(network, own / name)
    (own / "epochs.json").write_text(json.dumps([asdict(epoch) for epoch in epochs]))
    (own / "images/first_layer").mkdir(parents=True, exist_ok=True)
    (own / "figures").mkdir(exist_ok=True)
    for name in ("images/first_layer/0000.png", "images/first_layer/0002.png", "figures/a.png"):
        Image.new("L", (3, 3), len(name)).save(own / name)


def whole(run: StoredRun) -> dict[str, Any]:
    """All of a run that a copy has to have."""
    contents = run.store.contents(run)
    tags = own_tags(run.tags)
    beat = tags.pop(HEARTBEAT, "")
    facts = {"id": run.origin, "name": run.name, "status": run.status, "tags": tags, "beat": beat}
    facts |= {"params": dict(run.params), "metrics": dict(run.metrics), "data": dict(run.dataset)}
    times = [round(1000 * run.started), round(1000 * (run.ended or 0))]
    points = sorted((each.metric, each.step, each.value, each.time) for each in contents.points)
    return facts | {"times": times, "points": points, "files": files(run), "test": run.test_examples}


def files(run: StoredRun) -> dict[str, bytes]:
    """The content of each of its files."""
    found = {}
    for path, stored in run.store.contents(run).files.items():
        with run.artifact(stored.place) as file:
            found[path] = file.read_bytes()
    return found


def of(store: RunStore, run: StoredRun) -> StoredRun:
    """The copy of a run in a store."""
    (copy,) = [each for each in store.search() if each.origin == run.origin]
    return copy
