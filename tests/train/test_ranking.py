"""The one order of runs: what goes first, whatever the table, and for runs of every age."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from running import give_store

from nnexp.cli import main
from nnexp.comparison.comparison import compare
from nnexp.comparison.load import trials
from nnexp.runner.result import Outcome
from nnexp.runtime.heartbeat import this_process
from nnexp.sweeps.resume import stored
from nnexp.sweeps.table import Table
from nnexp.tracking.chosen import best_first, metrics_of
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.train.ranking import rank

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]

SMALL, LARGE = {"sizes": [64, 10, 10]}, {"sizes": [64, 30, 10]}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (rank(0.91, 9, LARGE), rank(0.90, 1, SMALL)),
        (rank(0.90, 3, LARGE), rank(0.90, 4, SMALL)),
        (rank(0.90, 3, SMALL | {"eta": 9.0}), rank(0.90, 3, LARGE | {"eta": 1.0})),
        (rank(0.90, 3, {"eta": 9.0}), rank(0.90, 3, {"eta": 10.0})),
        (rank(0.90, 3, {"cost": "cross_entropy"}), rank(0.90, 3, {"cost": "quadratic"})),
        (rank(0.00, 0, {}), rank(None, None, {})),
        (rank(0.00, 0, {}), rank(float("nan"), 3, {})),
    ],
    ids=["accuracy", "epoch", "parameters", "number", "word", "no result", "no number"],
)
def test_a_run_goes_before_another_by(better: Any, worse: Any) -> None:
    assert better < worse


def test_a_mean_of_the_same_accuracies_in_another_order_is_the_same() -> None:
    one, other = (0.1 + 0.2 + 0.3) / 3, (0.3 + 0.2 + 0.1) / 3
    assert one != other
    assert rank(one, 1, {}) == rank(other, 1, {})


def test_a_table_of_equals_is_the_same_in_whatever_order_they_come() -> None:
    varying = [{"sizes": [64, units, 10], "eta": eta} for units in (10, 30) for eta in (0.5, 1.0, 10.0)]
    rows = [Outcome(each, "new", 3, 0.92, 0.9) for each in varying]
    for seed in range(5):
        table = Table(["sizes", "eta"], random.Random(seed).sample(rows, len(rows)))
        assert [row.varying for row in table.ranked()] == varying
        assert table.best == rows[0]


# In a store: the runs of the first two commands are from before runs said which epoch validation had chosen.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight runs in random order, all with 92 % on validation at best, in two epochs; the better test comes later."""
    folder = give_store(tmp_path_factory.mktemp("ranking"))
    store = open_store(f"sqlite:///{folder}/mlflow.db", "nnexp")
    cells = list(itertools.product(("[64,10,10]", "[64,30,10]"), ("cross_entropy", "quadratic"), (1, 2)))
    for sizes, cost, epoch in random.Random(0).sample(cells, len(cells)):
        add_run(store, {"sizes": sizes, "cost": cost, "eta": str(float(epoch)), "seed": "0"}, epoch, epoch % 2 == 0)
    return folder


def add_run(store: Store, params: dict[str, str], chosen: int, older: bool) -> None:
    """A finished run of three epochs, the chosen and the last of which are equally good on validation."""
    run_id = store.client.create_run(store.experiment_id, run_name="x", tags=this_process()).info.run_id
    for name, text in params.items():
        store.client.log_param(run_id, name, text)
    for epoch, test in enumerate((0.1, 0.7, 0.8, 0.9)):
        validation = 0.92 if epoch in (chosen, 3) else 0.5
        store.client.log_metric(run_id, "validation_accuracy", validation, step=epoch)
        store.client.log_metric(run_id, "test_accuracy", test, step=epoch)
    results = {"best_validation_accuracy": 0.92, "best_test_accuracy": 0.9, "best_epoch": 3.0}
    if not older:
        test = (0.1, 0.7, 0.8, 0.9)[chosen]
        results = {"best_validation_accuracy": 0.92, "best_validation_epoch": float(chosen)}
        results["test_accuracy_at_best_validation"] = test
    for name, value in results.items():
        store.client.log_metric(run_id, name, value, step=3)
    store.client.set_terminated(run_id)


@pytest.fixture(scope="module")
def runs(folder: Path) -> Stored:
    store = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open()
    return store, store.search()


Stored = tuple[RunStore, list[StoredRun]]


def test_an_older_run_tells_by_its_curves_what_newer_ones_say(runs: Stored) -> None:
    metrics = metrics_of(*runs)
    told = [metrics[run.id] for run in runs[1]]
    chosen = [run.settings["eta"] for run in runs[1]]
    assert [each["best_validation_epoch"] for each in told] == chosen
    assert [each["test_accuracy_at_best_validation"] for each in told] == [{1: 0.7, 2: 0.8}[epoch] for epoch in chosen]


def test_every_table_has_the_same_order(runs: Stored) -> None:
    store, found = runs
    metrics = metrics_of(store, found)
    over = ("sizes", "cost", "eta")
    rows = [stored({name: run.settings[name] for name in over}, run, metrics[run.id]) for run in found]
    table, comparison = Table(over, rows), compare("", trials(store, found))
    ranked = [run.id for run in best_first(found, metrics)]
    assert [row.run for row in table.ranked()] == ranked
    assert [trial.id for trial in comparison.trials] == ranked
    assert table.best
    assert (table.best.run, comparison.best.id) == (ranked[0], ranked[0])


def test_the_commands_list_and_keep_in_that_order(runs: Stored, folder: Path) -> None:
    store, found = runs
    ranked = [run.id[:8] for run in best_first(found, metrics_of(store, found))]
    listed = lines(folder, "runs", "--sort", "best_validation_accuracy")[1:]
    assert [line.split()[0] for line in listed] == ranked
    removed = lines(folder, "clean", "--keep", "3")[1:-1]
    assert [line.split()[0] for line in removed] == ranked[3:]


def test_runs_of_every_age_have_their_test_accuracy_in_the_list(folder: Path) -> None:
    head, *rows = lines(folder, "runs", "--sort", "best_validation_accuracy")
    assert head.split()[4:7] == ["best", "validation", "test"]
    assert [row.split()[4:8:2] for row in rows] == [["92.00", "70.00"]] * 4 + [["92.00", "80.00"]] * 4


def lines(folder: Path, *words: str) -> list[str]:
    uri = f"sqlite:///{folder}/mlflow.db"
    result = CliRunner().invoke(main, [words[0], "--uri", uri, *words[1:]], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()
