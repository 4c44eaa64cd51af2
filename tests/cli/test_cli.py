"""The `nnexp` command on runs of a real store."""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import client_of, nnexp, nnexp_process
from processes import answer_of, free_port, started
from running import PATIENCE, environment, give_store, run_nnexp

from nnexp.runtime.heartbeat import HOST, PROCESS, this_process

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three finished runs: of 3, 1 and 2 epochs, eta 3, 0.01 and 1."""
    folder = tmp_path_factory.mktemp("cli")
    give_store(folder)
    client_of(folder)  # imports MLflow without its warnings
    for epochs, eta in ((3, 3), (1, 0.01), (2, 1)):
        done = run_nnexp(folder, "experiments=quick", f"epochs={epochs}", f"eta={eta}")
        assert done.returncode == 0, done.stderr
    return folder


def listed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = nnexp(folder, "runs", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def id_of(folder: Path, epochs: int) -> str:
    (run,) = [row for row in listed(folder) if row["epochs"] == str(epochs)]
    return str(run["id"])


@pytest.mark.parametrize("command", ["", "runs", "rerun", "verify", "predict", "serve", "ui", "clean"])
def test_every_command_has_a_help_page_with_an_example(tmp_path: Path, command: str) -> None:
    done = nnexp(tmp_path, *command.split(), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout


def test_run_is_the_same_as_the_module(tmp_path: Path) -> None:
    assert nnexp_process(tmp_path, "run", "--help").stdout == run_nnexp(tmp_path, "--help").stdout
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
    assert done.stderr.startswith("--filter: got 'eta is one'")
    assert "Traceback" not in done.stderr


def test_the_table_shows_name_status_and_accuracies(folder: Path) -> None:
    table = nnexp(folder, "runs").stdout
    assert "64-30-10 eta=0.01 seed=0 epochs=1 data=digits" in table
    assert table.count("FINISHED") == 3


def test_a_run_of_this_machine_verifies_as_identical(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 3))
    assert (done.returncode, done.stdout) == (0, "identical: 4 epochs, from 0 to 3, bit for bit\n")


def test_the_beginning_of_an_id_and_of_a_run_are_enough(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 3)[:10], "--epochs", "1")
    assert done.stdout == "identical: 2 epochs, from 0 to 1, bit for bit\n"


def test_verify_names_a_setting_that_was_changed(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 3), "eta=2.9")
    assert done.returncode == 1
    assert "departs in epoch 1: weights" in done.stdout
    assert "setting eta: was 3.0, is 2.9" in done.stdout


def test_verify_names_the_number_of_threads(folder: Path) -> None:
    assert "setting threads: was 1, is 2" in nnexp(folder, "verify", id_of(folder, 1), "threads=2").stdout


def test_verify_trains_with_the_threads_that_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp.nn.blas import blas_threads
    from nnexp.runner import verify

    told: list[int] = []

    def noted(threads: int) -> Any:
        told.append(threads)
        return blas_threads(threads)

    monkeypatch.setattr(verify, "blas_threads", noted)
    nnexp(folder, "verify", id_of(folder, 1), "threads=2")
    assert told == [2]


def test_verify_does_not_name_a_setting_that_can_not_change_the_numbers(folder: Path) -> None:
    done = nnexp(folder, "verify", id_of(folder, 1), "checkpoint_seconds=5")
    assert done.stdout == "identical: 2 epochs, from 0 to 1, bit for bit\n"


def test_verify_names_a_param_that_config_yaml_contradicts(folder: Path) -> None:
    run_id = id_of(folder, 1)

    def set_eta(value: str) -> None:
        with contextlib.closing(sqlite3.connect(folder / "mlflow.db")) as store:
            store.execute("UPDATE params SET value = ? WHERE run_uuid = ? AND key = 'eta'", (value, run_id))
            store.commit()

    set_eta("0.02")
    verdict = nnexp(folder, "verify", run_id)
    set_eta("0.01")
    assert "setting eta: logged as 0.02, config.yaml has 0.01" in verdict.stdout


@pytest.mark.parametrize(("name", "what"), [("weights", "weights"), ("validation_accuracy", "validation_accuracy")])
def test_verify_names_the_epoch_that_departs_and_what_of_it(folder: Path, name: str, what: str) -> None:
    client, run_id = client_of(folder), id_of(folder, 3)
    file = Path(client.get_run(run_id).info.artifact_uri) / "epochs.json"
    before = file.read_text()
    epochs = json.loads(before)
    if name == "weights":
        epochs[2]["weights"] = "0" * 64
    else:
        epochs[2]["metrics"][name] += 0.001
    file.write_text(json.dumps(epochs))
    verdict = nnexp(folder, "verify", run_id)
    file.write_text(before)
    assert verdict.returncode == 1
    assert verdict.stdout.startswith(f"departs in epoch 2: {what}\n")


def tagged(folder: Path, epochs: int, name: str, value: str) -> str:
    """A tag of the run as it would be, had it been made by another code or machine; gives what it was."""
    client, run_id = client_of(folder), id_of(folder, epochs)
    before = client.get_run(run_id).data.tags[name]
    client.set_tag(run_id, name, value)
    return str(before)


@pytest.mark.parametrize(
    "name", ["version.numpy", "version.blas", "code.data", "code.nn", "code.train", "data.sha256", "arithmetic"]
)
def test_verify_names_what_was_another_then(folder: Path, name: str) -> None:
    before = tagged(folder, 1, f"nnexp.{name}", "something else")
    try:
        assert f"{name}: was something else" in nnexp(folder, "verify", id_of(folder, 1)).stdout
    finally:
        tagged(folder, 1, f"nnexp.{name}", before)


def test_verify_tells_a_line_of_the_arithmetic_that_was_changed(folder: Path, tmp_path: Path) -> None:
    """The package is copied and one line of it changed; the run is the one that the real package made."""
    import shutil

    import nnexp as package

    source = Path(package.__file__).parent
    shutil.copytree(source, tmp_path / "nnexp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conf", "experiments"):
        if not (source / name).is_dir():  # in a checkout they lie beside the package
            shutil.copytree(source.parent / name, tmp_path / name)
    costs = tmp_path / "nnexp/nn/costs/quadratic.py"
    changed = costs.read_text().replace("out *= a - y", "out *= 1.0001 * (a - y)")
    assert changed != costs.read_text()
    costs.write_text(changed)
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from nnexp.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "verify", id_of(folder, 3)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1, done.stderr
    assert "departs in epoch 1: weights" in done.stdout
    assert "code.nn: was" in done.stdout


def test_verify_names_data_of_which_a_pixel_was_changed(folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {"x_train": rng.integers(0, 256, (60, 4), dtype=np.uint8), "y_train": np.arange(60) % 2}
    arrays |= {"x_test": rng.integers(0, 256, (20, 4), dtype=np.uint8), "y_test": np.arange(20) % 2}
    np.savez(tmp_path / "data.npz", **arrays)
    done = run_nnexp(folder, "data=npz", f"data.path={tmp_path}/data.npz", "sizes=[4,3,2]", "epochs=7")
    assert done.returncode == 0, done.stderr
    arrays["x_train"][0, 0] ^= 1
    np.savez(tmp_path / "data.npz", **arrays)
    run_id = id_of(folder, 7)
    verdict = nnexp(folder, "verify", run_id)
    client_of(folder).delete_run(run_id)
    assert verdict.returncode == 1
    assert "data.sha256: was" in verdict.stdout


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
    assert [row["epochs"] for row in json.loads(shown.stdout)] == ["2"]
    assert len(listed(folder)) == 3
    client.delete_tag(worst, "nnexp.pinned")


def test_clean_leaves_a_run_alone_that_is_being_trained(folder: Path) -> None:
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    alive = client.create_run(experiment, tags=this_process()).info.run_id
    shown = nnexp(folder, "clean", "--keep", "0", "--json")
    client.delete_run(alive)
    assert len(json.loads(shown.stdout)) == 3
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

    class Server:
        pid = 2**30  # there is no such process

        def __init__(self, words: list[str], **_: Any) -> None:
            became.extend(words)

        def wait(self, timeout: float = 0) -> int:
            return 0

        poll = terminate = wait

    monkeypatch.setattr("nnexp.runtime.child_process.subprocess.Popen", Server)
    monkeypatch.setattr("nnexp.runtime.child_process.signal.signal", lambda *_: None)
    assert nnexp(folder, "ui", "--port", str(free_port())).returncode == 0
    options = dict(itertools.pairwise(became))
    assert options["--host"] == "127.0.0.1"
    assert options["--backend-store-uri"] == f"sqlite:///{folder}/mlflow.db"


@pytest.mark.slow
def test_ui_serves_the_store_on_this_machine_alone(folder: Path) -> None:
    port = free_port()
    with started(folder, "ui", "--port", str(port), module="nnexp.cli", stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        assert server.stdout.readline().startswith(f"http://127.0.0.1:{port}/#/experiments/")
        assert answer_of(server, f"http://127.0.0.1:{port}/health") == b"OK"


# The notebook's way.


def test_train_run_gives_history_and_network_and_looks_a_finished_run_up(folder: Path) -> None:
    script = """
from nnexp import train_run
settings = dict(data="digits", sizes=[64, 30, 10], epochs=3, eta=3)
result = train_run(**settings)
print(result.trained, len(result.history.epochs), result.network.sizes, round(result.objective, 3) > 0.8)
other = train_run(**settings, seed=9)
print(other.trained, other.network.fingerprint() == other.history.epochs[-1].weights)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] != []
    assert "False 4 [64, 30, 10] True" in done.stdout
    assert "True True" in done.stdout


def test_train_run_raises_all_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp import train_run
    from nnexp.errors import ConfigError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        train_run(eta=-1, seed=-1)
    assert len(caught.value.problems) == 2
    assert list(tmp_path.iterdir()) == []


def test_each_train_run_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp import notebook

    folders: set[Path] = set()
    monkeypatch.setattr(notebook, "one_run", lambda _, folder: folders.add(folder))
    for _ in range(5):
        notebook.train_run()
    assert len(folders) == 5


def test_a_run_is_looked_up_while_no_other_process_can_begin_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp import train_run
    from nnexp.runner import resume
    from nnexp.tracking.contract import RunStore

    steps: list[str] = []
    alone, earlier = resume.alone, resume.earlier

    @contextlib.contextmanager
    def noted_alone(store: RunStore, key: str) -> Iterator[None]:
        with alone(store, key):
            steps.append("alone")
            yield
        steps.append("not alone")

    def noted_earlier(store: RunStore, key: str, how: str) -> Any:
        steps.append("look up")
        return earlier(store, key, how)

    monkeypatch.setattr(resume, "alone", noted_alone)
    monkeypatch.setattr(resume, "earlier", noted_earlier)
    monkeypatch.chdir(folder)
    train_run(data="digits", sizes=[64, 30, 10], epochs=3, eta=3)
    assert steps == ["alone", "look up", "not alone"]
