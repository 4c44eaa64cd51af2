"""What nnexp promises of runs holds whichever store remembers them, and both stores say the same of the same runs."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import nnexp, nnexp_process
from configs import config
from running import environment, give_store, run_new, run_nnexp

from nnexp.errors import NotRemembered
from nnexp.runner.one_run import one_run
from nnexp.runner.result import Result
from nnexp.runner.verify import verify
from nnexp.runtime import owned_files
from nnexp.tracking.run_facts import facts
from nnexp.tracking.run_store import RunStore
from nnexp.tracking.stores.folder import Folder

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]

STORES = ["mlflow", "folder"]
SETTINGS = ["data=digits", "sizes=[64,10]", "epochs=4", "eta=1.0", "pictures=false", "checkpoint_seconds=0"]
SWEEP = ["-m", "data=digits", "sizes=[64,10]", "epochs=2", "eta=0.5,3.0", "seed=0,1", "sweep.name=etas"]


def train(folder: Path, number: int, *words: str) -> Result:
    """A run in this process, whose own files go into a folder with that number."""
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return one_run(config(*SETTINGS, *words), folder / f"outputs/{number}")


def store_in(folder: Path, kind: str) -> RunStore:
    with contextlib.chdir(folder):
        store = config(f"tracking={kind}").tracking.open()
    assert store is not None
    return store


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The hashes of the weights of a run that nothing has stopped, epoch by epoch."""
    history = train(tmp_path_factory.mktemp("unbroken"), 0, "tracking=off").history
    return [epoch.weights for epoch in history.epochs]


@pytest.mark.parametrize("kind", STORES)
def test_a_run_is_trained_once_found_again_and_verified(tmp_path: Path, kind: str, unbroken: list[str]) -> None:
    give_store(tmp_path)
    first, again = (train(tmp_path, number, f"tracking={kind}") for number in (0, 1))
    assert (first.how, again.how, first.run_id) == ("new", "found", again.run_id)
    assert [epoch.weights for epoch in again.history.epochs] == unbroken
    (run,) = store_in(tmp_path, kind).search()
    assert verify(run).identical


class Dead(BaseException):
    """The process is gone: nothing of it does anything any more."""


@contextlib.contextmanager
def dead_after(writes: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After so many files have got their names in a folder of runs, no more do: as after kill -9."""
    done, real = [0], Path.replace

    def replace(self: Path, target: Any) -> Path:
        done[0] += "runs" in Path(target).parts
        if done[0] > writes:
            raise Dead
        return real(self, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", replace)
        with contextlib.suppress(Dead, NotRemembered):
            yield


@pytest.mark.parametrize("writes", range(10))
def test_a_run_in_a_folder_that_was_killed_at_any_write_is_finished_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, unbroken: list[str]
) -> None:
    with dead_after(writes, monkeypatch):
        train(tmp_path, 0, "tracking=folder")
    result = train(tmp_path, 1, "tracking=folder")
    assert [epoch.weights for epoch in result.history.epochs] == unbroken
    (run,) = store_in(tmp_path, "folder").search()
    assert run.finished
    assert verify(run).identical
    assert train(tmp_path, 2, "tracking=folder").how == "found"


def test_a_run_in_a_folder_loads_nothing_of_mlflow(tmp_path: Path) -> None:
    words = ["tracking=folder", *SETTINGS, "epochs=1"]
    script = f"import sys; sys.argv[1:] = {words!r}; from nnexp import run; run.main(); print('mlflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("False\n")


def test_two_processes_that_begin_the_same_run_in_a_new_folder_at_once_train_it_once(tmp_path: Path) -> None:
    words = ("tracking=folder", *SETTINGS)
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda number: run_new(tmp_path, *words, f"hydra.run.dir=outputs/{number}"), (1, 2)))
    assert [each.returncode for each in done] == [0, 0]
    assert sorted("is finished already" in each.stdout for each in done) == [False, True]
    (run,) = store_in(tmp_path, "folder").search()
    assert run.finished


def rows(store: RunStore) -> list[dict[str, Any]]:
    """What a store tells of its runs, but for ids and times."""
    times = ("id", "started", "seconds", "train_seconds", "epoch_seconds", "examples_per_second")
    told = [
        {name: value for name, value in facts(run).items() if name not in times and "tracking" not in name}
        for run in store.search()
    ]
    return sorted(told, key=lambda row: str(row["name"]))


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same sweep in both stores: folders by kind."""
    made = {kind: give_store(tmp_path_factory.mktemp(kind)) for kind in STORES}
    (made["folder"] / "mlflow.db").unlink()
    for kind, folder in made.items():
        done = run_nnexp(folder, *SWEEP, f"tracking={kind}")
        assert done.returncode == 0, done.stderr
    return made


def test_both_stores_say_the_same_of_the_same_runs(swept: dict[str, Path]) -> None:
    mlflow, folder = (rows(store_in(swept[kind], kind)) for kind in STORES)
    assert folder == mlflow
    assert len(folder) == 4


def test_both_stores_compare_to_the_same_verdict(swept: dict[str, Path]) -> None:
    said = []
    for kind in STORES:
        told = json.loads(nnexp(swept[kind], "compare", "etas", "--json").stdout)
        assert told["verdicts"]
        said.append([told["verdicts"], [group["settings"] for group in told["groups"]]])
    assert said[0] == said[1]


@pytest.mark.parametrize("kind", STORES)
def test_a_sweep_again_trains_nothing(swept: dict[str, Path], kind: str) -> None:
    done = run_nnexp(swept[kind], *SWEEP, f"tracking={kind}")
    assert "sweep etas: 4 jobs, 4 of them done before" in done.stdout
    assert "1/4" not in done.stdout


def test_a_sweep_in_a_folder_keeps_its_table_and_its_report(swept: dict[str, Path]) -> None:
    folder = swept["folder"] / "outputs/runs/sweep-etas"
    assert {"table.csv", "table.md", "report.html", "summary.md"} <= {path.name for path in folder.iterdir()}
    (summary,) = Folder(path=str(folder.parent)).open(make=False).summaries()
    assert summary.finished
    assert summary.metrics["jobs/done"] + summary.metrics["jobs/new"] == 4


def test_the_commands_find_the_usual_folder_of_runs_or_the_one_that_they_are_told(
    swept: dict[str, Path], tmp_path: Path
) -> None:
    folder = swept["folder"]
    here = json.loads(nnexp(folder, "runs", "--json").stdout)
    assert len(here["runs"]) == 4
    assert json.loads(nnexp(tmp_path, "runs", "--json", "--uri", str(folder / "outputs/runs")).stdout) == here


@pytest.mark.parametrize(
    ("condition", "count"), [("eta == 3", 2), ("eta == 3 and seed == 0", 1), ("test_accuracy > 1", 0)]
)
def test_runs_in_a_folder_are_filtered_by_conditions_as_a_sweeps_exclusions_are(
    swept: dict[str, Path], condition: str, count: int
) -> None:
    assert len(json.loads(nnexp(swept["folder"], "runs", "--filter", condition, "--json").stdout)["runs"]) == count


def test_a_filter_that_can_not_be_read_says_so(swept: dict[str, Path]) -> None:
    done = nnexp(swept["folder"], "runs", "--filter", "params.eta = '3'")
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "filter")


@pytest.mark.parametrize("words", [("ui",), ("serve", "0"), ("predict", "models:/a/1", "image.png")])
def test_what_needs_mlflow_says_that_this_is_a_folder(swept: dict[str, Path], words: tuple[str, ...]) -> None:
    done = nnexp(swept["folder"], *words)
    assert done.returncode == 2
    assert "needs an MLflow store, and outputs/runs is a folder of runs" in done.stderr


def test_an_experiment_of_a_folder_of_runs_is_refused(swept: dict[str, Path]) -> None:
    done = nnexp(swept["folder"], "runs", "--experiment", "other")
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "--experiment")


def test_a_network_in_a_folder_is_asked_by_its_run(swept: dict[str, Path]) -> None:
    folder = swept["folder"]
    run = store_in(folder, "folder").search()[0]
    np.savez(folder / "image.npz", images=np.eye(8))
    by_run, by_path = (
        nnexp(folder, "predict", word, "image.npz", "--json").stdout
        for word in (run.id[:8], run.store.files_of(run.id))
    )
    assert by_run == by_path
    assert len(json.loads(by_run)["answers"][0]["outputs"]) == 10


def test_a_run_in_a_folder_is_made_again_in_that_folder(tmp_path: Path) -> None:
    train(tmp_path, 0, "tracking=folder", "epochs=1")
    (run,) = store_in(tmp_path, "folder").search()
    done = nnexp_process(tmp_path, "rerun", run.id[:8])
    assert done.returncode == 0, done.stderr
    again, first = store_in(tmp_path, "folder").search()
    assert first.id == run.id
    assert again.metrics["test_accuracy"] == first.metrics["test_accuracy"]


def test_cleaning_a_folder_moves_runs_away_and_pinned_ones_stay(tmp_path: Path) -> None:
    for seed in range(3):
        train(tmp_path, seed, "tracking=folder", "epochs=1", f"seed={seed}")
    store = store_in(tmp_path, "folder")
    listed = json.loads(nnexp(tmp_path, "runs", "--json", "--sort", "best_validation_accuracy").stdout)["runs"]
    ranked = [row["id"] for row in listed]
    store.tag(ranked[2], {"nnexp.pinned": "yes"})
    done = nnexp(tmp_path, "clean", "--keep", "1", "--yes")
    assert done.stdout.endswith("1 of 3 runs removed\n")
    assert {run.id for run in store.search()} == {ranked[0], ranked[2]}
    (removed,) = (tmp_path / "outputs/runs/removed").iterdir()
    assert removed.name.startswith(ranked[1])
    assert owned_files.marked(removed)
