"""Our searches and our grid, by the commands that a user types."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from bench_search.paid import Step, epochs_of, steps
from bench_search.task import BUDGET, EPOCHS, FRESH, GRID, METHODS, SPACE, TRIALS
from nnexp.tracking.chosen import CHOSEN_BY
from nnexp.tracking.folder.run_store import FolderRuns

Settings = tuple[tuple[str, str], ...]  # names and values as words, by name


def run(folder: Path, *words: str) -> None:
    """One command in that folder, whose runs are kept there as plain files."""
    command = [sys.executable, "-m", "nnexp.run", "-m", "tracking=folder", "pictures=false", f"epochs={EPOCHS}", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # our own
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def searched(folder: Path, method: str, repetition: int) -> list[Step]:
    """The steps of one search that has paid its budget; it goes on if it was cut short.

    Each has a folder of its own: a run that another search has paid for would be free.
    """
    from optuna.study import load_study

    from nnexp.study.journal import storage

    sampler, prune = METHODS[method]
    name = f"{method.replace(' ', '-')}-{repetition}"
    own = folder / name
    own.mkdir(exist_ok=True)
    words = [*SPACE, f"search={sampler}", f"search.prune={prune}", f"search.seed={repetition}", "search.confirm=0"]
    for limit in count(TRIALS, TRIALS):
        run(own, *words, f"search.trials={limit}", "sweep.name=search")
        study = load_study(study_name="search", storage=storage(own / "outputs/searches/search/study.journal"))
        if epochs_of(study) >= BUDGET:
            return steps(study)
    raise AssertionError


def best_of_grid(folder: Path) -> tuple[Settings, float, int]:
    """The settings of the grid with the best mean validation accuracy, its best run's, and the epochs of all."""
    run(folder, *GRID, "sweep.name=grid")
    settings = max(_groups(folder, "grid").items(), key=lambda group: group[1])[0]
    runs = FolderRuns(folder / "outputs/runs").members("grid")
    return settings, max(run.metrics[CHOSEN_BY] for run in runs), EPOCHS * len(runs)


def by_fresh_seeds(folder: Path, settings: Sequence[Settings], name: str) -> dict[Settings, float]:
    """The mean validation accuracy of each of these settings over seeds that had no say in its choice."""
    table = folder / f"{name}.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([list(dict(settings[0])), *(list(dict(each).values()) for each in set(settings))])
    run(folder, f"sweep.jobs={table.name}", f"seed=range({FRESH.start},{FRESH.stop})", f"sweep.name={name}")
    return _groups(folder, name)


def settings_of(words: Mapping[str, object]) -> Settings:
    """Settings that can be told apart, whoever has written their numbers."""
    return tuple(sorted((name, _word(value)) for name, value in words.items()))


def _groups(folder: Path, name: str) -> dict[Settings, float]:
    """The mean validation accuracy of each setting of a sweep."""
    command = [sys.executable, "-m", "nnexp.cli", "compare", name, "--json", "--uri", "outputs/runs"]
    said = json.loads(subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout)  # our own
    return {settings_of(group["settings"]): group["best validation"] for group in said["groups"]}


def _word(value: object) -> str:
    said = json.loads(value) if isinstance(value, str) else value
    if not isinstance(said, list):
        number = float(str(said))
        said = int(number) if number.is_integer() else number
    return json.dumps(said, separators=(",", ":"))
