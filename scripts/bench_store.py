"""What looking something up costs among 100, 1,000 and 10,000 runs, in CPU time: it may grow as the logarithm does.

A run of digits is trained, and its rows are copied within the SQLite file, each copy with an id and a key of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.ui import experiment_note
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.tags import KEY, key_tag

SIZES = (100, 1_000, 10_000)
RUN = ["data=digits", "sizes=[64,10]", "epochs=3", "pictures=false"]
COPIED = ("runs", "tags", "params", "metrics", "latest_metrics")
BEST = "best_validation_accuracy"
ROUNDS = 7


def report() -> None:
    """Print the table: the best of some rounds of each."""
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow of its own type hints, SQLAlchemy of MLflow
        subprocess.run([sys.executable, "-m", "nnexp.run", *RUN], cwd=folder, check=True, capture_output=True)
        file = Path(folder) / "mlflow.db"
        for size in SIZES:
            fill(file, size)
            for name, milliseconds in measured(file).items():
                rows.setdefault(name, []).append(milliseconds)
    print(f"{'CPU, milliseconds':42}" + "".join(f"{f'{size:,} runs':>13}" for size in SIZES) + f"{'last/first':>13}")
    for name, row in rows.items():
        print(f"{name:42}" + "".join(f"{each:13.1f}" for each in row) + f"{row[-1] / row[0]:13.2f}")
    print("the logarithm of the runs grows 2.00 times from the first column to the last")


def measured(file: Path) -> dict[str, float]:
    """Milliseconds of CPU that each of the look-ups takes, by what it is."""
    runs = MLflow(uri=f"sqlite:///{file}").itself()
    keys = [key_of(number) for number in range(90)]
    looked_up: dict[str, Callable[[int], object]] = {
        "a run by its key": lambda number: found(runs, keys[number]),
        "a key that no run has": lambda number: runs.find(key_of(-1 - number)),
        "256 keys of a sweep, 50 of them there": lambda _: runs.find_all([*keys[:50], *map(key_of, range(-206, 0))]),
        "a run by the first 8 digits of its id": lambda number: runs.beginning(id_of(number)[:8]),
        "the newest 50 runs": lambda _: runs.highest("started", 50),
        "the experiment's note and views": lambda _: experiment_note.update(runs.store),
    }
    milliseconds = {name: 1000 * min(map(cpu_of(step), range(ROUNDS))) for name, step in looked_up.items()}
    for words in (["runs"], ["runs", "--sort", BEST]):
        seconds = min(cpu_of_command(file.parent, "-m", "nnexp.cli", *words) for _ in range(2))
        milliseconds[f"nnexp {' '.join(words)}"] = 1000 * seconds
    milliseconds["python -c 'from mlflow import MlflowClient'"] = 1000 * min(
        cpu_of_command(file.parent, "-c", "from mlflow import MlflowClient") for _ in range(2)
    )
    return milliseconds


def found(runs: MLflowRuns, key: str) -> None:
    """Look a key up that is there."""
    if runs.find(key) is None:
        raise SystemExit(f"no run has the key {key}")  # it would be another look-up that is measured


def cpu_of(step: Callable[[int], object]) -> Callable[[int], float]:
    """A function that gives the CPU seconds of a round."""

    def seconds(number: int) -> float:
        started = time.process_time()
        step(number)
        return time.process_time() - started

    return seconds


def cpu_of_command(folder: Path, *words: str) -> float:
    """CPU seconds of a command of Python's."""
    before = os.times()
    subprocess.run([sys.executable, *words], cwd=folder, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


# Copies of a run.


def fill(file: Path, size: int) -> None:
    """Copy the store's one trained run until there are so many."""
    with contextlib.closing(sqlite3.connect(file)) as store:
        first, key, there = store.execute(
            "SELECT run_uuid, value, (SELECT count(*) FROM runs) FROM tags WHERE key = ? ORDER BY rowid LIMIT 1", (KEY,)
        ).fetchone()
        for table in COPIED:
            rows = store.execute(f"SELECT * FROM {table} WHERE run_uuid = ?", (first,))  # noqa: S608  # of our own list
            columns = [column[0] for column in rows.description]
            places = ",".join("?" * len(columns))
            copies = copies_of([dict(zip(columns, row, strict=True)) for row in rows], key, range(there - 1, size - 1))
            store.executemany(f"INSERT INTO {table} VALUES ({places})", copies)  # noqa: S608
        store.commit()


def copies_of(rows: list[dict[str, Any]], key: str, numbers: range) -> Iterator[tuple[Any, ...]]:
    """The rows of a table for each copy. key: of the run that is copied."""
    for number in numbers:
        for row in rows:
            copy = row | {"run_uuid": id_of(number)}
            if "start_time" in copy:
                copy["start_time"] -= 1000 * (number + 1)
            elif copy["key"] == KEY:
                copy["value"] = key_of(number)
            elif copy["key"] == key_tag(key):
                copy["key"] = key_tag(key_of(number))
            elif copy["key"] == BEST:
                copy["value"] = number * 7919 % 10007 / 10007  # any order but that of the copies
            yield tuple(copy.values())


def id_of(number: int) -> str:
    """The id of a copy."""
    return hashlib.sha256(f"run {number}".encode()).hexdigest()[:32]


def key_of(number: int) -> str:
    """The key of a copy; of numbers below nought, one that no run has."""
    return hashlib.sha256(f"key {number}".encode()).hexdigest()


if __name__ == "__main__":
    report()
