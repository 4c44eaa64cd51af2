"""The `nnexp` command on runs of a real store."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import client_of, id_of, listed, nnexp, nnexp_process
from processes import answer_of, free_port, started
from running import run_new

from nnexp.runtime.heartbeat import HOST, PROCESS, this_process

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize(
    "command", ["", "check", "find-eta", "runs", "rerun", "verify", "predict", "serve", "ui", "clean", "doctor"]
)
def test_every_command_has_a_help_page_with_an_example(tmp_path: Path, command: str) -> None:
    done = nnexp(tmp_path, *command.split(), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout


@pytest.mark.slow
def test_run_is_the_same_as_the_module(tmp_path: Path) -> None:
    assert nnexp_process(tmp_path, "run", "--help").stdout == run_new(tmp_path, "--help").stdout
    assert nnexp_process(tmp_path, "run", "eta=-1").stderr == "eta: got -1.0, expected a number > 0\n"


def test_runs_are_listed_newest_first(folder: Path) -> None:
    assert [row["epochs"] for row in listed(folder)] == ["2", "1", "3"]


def test_runs_are_sorted_by_a_metric_highest_first(folder: Path) -> None:
    accuracies = [row["best_validation_accuracy"] for row in listed(folder, "--sort", "best_validation_accuracy")]
    assert accuracies == sorted(accuracies, reverse=True)


def test_runs_are_filtered_in_mlflows_words(folder: Path) -> None:
    assert [row["eta"] for row in listed(folder, "--filter", "params.eta = '0.01'")] == ["0.01"]


def test_no_more_runs_are_listed_than_the_limit(folder: Path) -> None:
    assert len(listed(folder, "--limit", "2")) == 2


def test_a_run_that_lacks_the_column_is_listed_last(folder: Path) -> None:
    client = client_of(folder)
    run_id = client.create_run(client.get_experiment_by_name("nnexp").experiment_id).info.run_id
    rows = listed(folder, "--sort", "best_validation_accuracy")
    client.delete_run(run_id)
    assert rows[-1]["id"] == run_id


def test_a_filter_that_can_not_be_read_is_an_error(folder: Path) -> None:
    done = nnexp(folder, "runs", "--filter", "eta is one")
    assert done.returncode == 2
    assert done.stderr == (
        "filter: got 'eta is one', expected a condition such as params.cost = 'quadratic' or "
        "metrics.best_validation_accuracy > 0.97\n"
    )
    assert "Traceback" not in done.stderr


def test_the_table_shows_name_status_and_accuracies(folder: Path) -> None:
    table = nnexp(folder, "runs").stdout
    assert "64-30-10 eta=0.01 seed=0 epochs=1 data=digits" in table
    assert table.count("FINISHED") == 3


def test_the_beginning_of_an_id_and_of_a_run_are_enough(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 3)[:10], "--epochs", "1")
    assert done.stdout == "identical: 2 epochs, from 0 to 1, bit for bit\n"


def test_a_run_that_is_not_there_is_an_error(folder: Path) -> None:
    done = nnexp(folder, "verify", "nope")
    assert done.returncode == 2
    assert done.stderr.startswith("run: got 'nope', expected the id of one run in sqlite:///")


def test_rerun_says_every_setting_and_where_to_so_that_conf_does_not_matter(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words: list[str] = []
    monkeypatch.setattr("nnexp.cli.rerun.start", lambda *said: words.extend(said))
    nnexp(folder, "rerun", "--uri", "sqlite:///mlflow.db", id_of(folder, 1), "seed=5")
    said = {"sizes=[64,30,10]", "epochs=1", "mini_batch_size=10", "eta=0.01", "seed=5", "dtype=float32", "threads=1"}
    said |= {"data=digits", "activation=sigmoid", "cost=quadratic", "init=scaled_gaussian", "resume=never"}
    assert set(words) >= said | {"tracking.uri='sqlite:///mlflow.db'", "tracking.experiment=nnexp"}
    assert not [word for word in words if word.startswith(("sweep", "launch"))]


@pytest.mark.slow
def test_rerun_makes_the_same_weights_as_a_run_of_its_own(folder: Path) -> None:
    first = id_of(folder, 2)
    done = nnexp_process(folder, "rerun", first)
    assert done.returncode == 0, done.stderr
    client = client_of(folder)
    both = [row["id"] for row in listed(folder) if row["epochs"] == "2"]
    assert len(both) == 2
    keys = {client.get_run(run).data.tags["nnexp.key"] for run in both}
    weights = {Path(client.download_artifacts(run, "weights.npz")).read_bytes() for run in both}
    assert (len(keys), len(weights)) == (1, 1)
    client.delete_run(next(run for run in both if run != first))


@pytest.mark.slow
def test_rerun_takes_overrides(folder: Path) -> None:
    done = nnexp_process(folder, "rerun", id_of(folder, 1), "seed=5")
    assert done.returncode == 0, done.stderr
    (row,) = [row for row in listed(folder) if row["seed"] == "5"]
    assert row["eta"] == "0.01"
    client_of(folder).delete_run(row["id"])


def test_clean_shows_first_and_keeps_the_best_and_the_pinned(folder: Path) -> None:
    client, worst = client_of(folder), id_of(folder, 1)
    client.set_tag(worst, "nnexp.pinned", "true")
    shown = nnexp(folder, "clean", "--keep", "1", "--json")
    assert [row["epochs"] for row in json.loads(shown.stdout)["runs"]] == ["2"]
    assert len(listed(folder)) == 3
    client.delete_tag(worst, "nnexp.pinned")


def test_clean_leaves_a_run_alone_that_is_being_trained(folder: Path) -> None:
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    alive = client.create_run(experiment, tags=this_process()).info.run_id
    shown = nnexp(folder, "clean", "--keep", "0", "--json")
    client.delete_run(alive)
    assert len(json.loads(shown.stdout)["runs"]) == 3
    assert alive not in shown.stdout


def test_clean_removes_with_yes_and_mlflow_can_restore(folder: Path) -> None:
    client, worst = client_of(folder), id_of(folder, 1)
    assert nnexp(folder, "clean", "--keep", "2", "--yes").stdout.endswith("1 of 3 runs removed\n")
    assert worst not in {row["id"] for row in listed(folder)}
    client.restore_run(worst)
    assert worst in {row["id"] for row in listed(folder)}


def test_a_run_whose_process_is_gone_is_listed_as_dead_and_marked(folder: Path) -> None:
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    gone = client.create_run(experiment, tags=this_process() | {PROCESS: "999999999 1"}).info.run_id
    alive = client.create_run(experiment, tags=this_process()).info.run_id
    elsewhere = client.create_run(experiment, tags=this_process() | {HOST: "elsewhere"}).info.run_id
    assert [row["id"] for row in listed(folder, "--dead")] == [gone]
    assert nnexp(folder, "runs", "--mark-dead").stdout.endswith("1 set to KILLED\n")
    assert client.get_run(gone).info.status == "KILLED"
    assert client.get_run(alive).info.status == client.get_run(elsewhere).info.status == "RUNNING"
    for run in (gone, alive, elsewhere):
        client.delete_run(run)


def test_a_key_finds_its_run_and_another_key_none(folder: Path) -> None:
    """One search by the key finds the run, and nothing for a key that no run has."""
    from nnexp.tracking.stores.mlflow import MLflow

    client = client_of(folder)
    store = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open()
    run_id = id_of(folder, 3)
    key = client.get_run(run_id).data.tags["nnexp.key"]
    found = store.find(key)
    assert found is not None
    assert found.id == run_id
    assert store.find("0" * 64) is None


def test_ui_listens_on_the_loopback_alone_and_reads_the_store_it_was_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[str] = []
    environment: dict[str, str] = {}

    class Server:
        pid = 2**30  # there is no such process

        def __init__(self, words: list[str], env: dict[str, str], **_: Any) -> None:
            became.extend(words)
            environment.update(env)

        def wait(self, timeout: float = 0) -> int:
            return 0

        poll = terminate = wait

    monkeypatch.setattr("nnexp.runtime.child_process.subprocess.Popen", Server)
    monkeypatch.setattr("nnexp.runtime.child_process.signal.signal", lambda *_: None)
    assert nnexp(folder, "ui", "--port", str(free_port())).returncode == 0
    options = dict(itertools.pairwise(became))
    assert options["--host"] == "127.0.0.1"
    assert environment["MLFLOW_BACKEND_STORE_URI"] == f"sqlite:///{folder}/mlflow.db"
    assert not any("mlflow.db" in word for word in became)  # all processes' words can be read by everybody


@pytest.mark.slow
def test_ui_serves_the_store_on_this_machine_alone(folder: Path) -> None:
    port = free_port()
    with started(folder, "ui", "--port", str(port), module="nnexp.cli", stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        assert server.stdout.readline().startswith(f"http://127.0.0.1:{port}/#/experiments/")
        assert answer_of(server, f"http://127.0.0.1:{port}/health") == b"OK"
