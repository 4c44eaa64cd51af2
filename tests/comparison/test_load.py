"""Which runs are meant, and their curves."""

from __future__ import annotations

import pytest
from running import give_store

from nnexp.comparison.load import meant
from nnexp.errors import UsageError
from nnexp.tracking.mlflow import database, histories
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.tags import SUMMARY

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[str]]:
    """A store and its two runs: steps in no order, in time neither, a NaN, and a metric that is not wanted."""
    from mlflow.entities import Metric

    folder = give_store(tmp_path_factory.mktemp("made"))
    store = open_store(f"sqlite:///{folder}/mlflow.db", "made")
    ids = [store.client.create_run(store.experiment_id).info.run_id for _ in range(2)]
    for run_id in ids:
        points = [("a", 0.3, 2), ("a", 0.2, 1), ("a", float("nan"), 3), ("b", 0.5, 1), ("c", 0.9, 1)]
        store.client.log_batch(run_id, metrics=[Metric(name, value, 9 - step, step) for name, value, step in points])
    return store, ids


@pytest.mark.parametrize("place", ["database", "server"])
def test_curves_are_in_order_for_all_runs_without_what_is_no_number(
    made: tuple[Store, list[str]], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from mlflow.store.tracking import sqlalchemy_store

    store, ids = made
    monkeypatch.setattr(database, "AT_ONCE", 1)
    if place == "server":
        monkeypatch.setattr(sqlalchemy_store, "SqlAlchemyStore", int)  # which the store is not
    found = histories.histories(store, ids, ["a", "b"])
    said = {name: [list(curves[run_id].items()) for run_id in ids] for name, curves in found.items()}
    assert said == {"a": [[(1, 0.2), (2, 0.3)]] * 2, "b": [[(1, 0.5)]] * 2}


def test_a_run_that_is_named_twice_is_one_run(made: tuple[Store, list[str]]) -> None:
    store, (one, other) = made
    title, _, runs = meant(MLflowRuns(store), [one, one[:12]])
    assert (title, [run.id for run in runs]) == (f"run {one[:8]}", [one])
    assert meant(MLflowRuns(store), [one, other])[0] == "2 runs"


def test_a_beginning_that_two_sweeps_have_is_neither(made: tuple[Store, list[str]]) -> None:
    store, (one, _) = made
    for sweep in ("eta-seed", "eta-sizes"):
        store.client.create_run(store.experiment_id, tags={SUMMARY: sweep})
        store.client.set_tag(one, f"sweep.{sweep}", "yes")
    assert meant(MLflowRuns(store), ["eta-se"])[0] == "sweep eta-seed"
    with pytest.raises(
        UsageError, match=r"^sweep: got 'eta-s', expected the name of one; so begin eta-sizes, eta-seed$"
    ):
        meant(MLflowRuns(store), ["eta-s"])
