"""How long it takes to compare a thousand runs of thirty epochs, from the command to the end of what it prints."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import tempfile
import time

ETAS, HIDDEN, BATCHES, SEEDS, EPOCHS = (0.1, 0.3, 1.0, 3.0, 10.0), (10, 20, 30, 50, 100), (5, 10, 20, 40), range(10), 30
ROUNDS = 3


def report() -> None:
    """Print the seconds of some rounds, as a table and as a page."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        count = make_runs(f"sqlite:///{folder}/mlflow.db")
        print(f"{count:,} runs of {EPOCHS} epochs compared (aim 5 s):")
        for words in ([], ["--html", "report.html"]):
            seconds = [_timed(folder, words) for _ in range(ROUNDS)]
            print(f"  nnexp compare {' '.join(words):20} {', '.join(f'{each:.1f} s' for each in sorted(seconds))}")


def make_runs(uri: str) -> int:
    """Fill a new store with runs that look as if they had been trained; gives how many."""
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param

    client = MlflowClient(uri)
    experiment = client.create_experiment("nnexp")
    chance = random.Random(0)  # noqa: S311  # no secret
    cells = list(itertools.product(ETAS, HIDDEN, BATCHES, SEEDS))
    for eta, hidden, batch, seed in cells:
        run_id = client.create_run(experiment, tags={"nnexp.command": "python -m nnexp.run"}).info.run_id
        settings = {
            "eta": eta,
            "sizes": f"[784,{hidden},10]",
            "mini_batch_size": batch,
            "seed": seed,
            "cost": "quadratic",
        }
        base = 0.93 + 0.0002 * hidden + 0.003 * eta / (1 + eta)
        metrics = [
            Metric(name, base * (1 - 0.9 * 0.7**epoch) + chance.gauss(0, 0.001), 0, epoch)
            for name in ("validation_accuracy", "test_accuracy", "train_cost")
            for epoch in range(EPOCHS + 1)
        ]
        client.log_batch(run_id, metrics, [Param(name, str(value)) for name, value in settings.items()])
        client.set_terminated(run_id, "FINISHED")
    return len(cells)


def _timed(folder: str, words: list[str]) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "nnexp.cli", "compare", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started
