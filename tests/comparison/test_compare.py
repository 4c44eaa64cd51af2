"""`nnexp compare`, on real runs."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from running import give_store, run_nnexp

from nnexp.cli import main
from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.evidence import evidence
from nnexp.comparison.load import trials
from nnexp.errors import UsageError
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stores.mlflow import MLflow

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep over eta and three seeds."""
    folder = give_store(tmp_path_factory.mktemp("compare"))
    done = run_nnexp(folder, "-m", "experiments=quick", "epochs=2", "eta=0.01,1", "seed=0,1,2", "sweep.name=first")
    assert done.returncode == 0, done.stderr
    return folder


def nnexp(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """The command in this process: exit code, output, errors."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, ["compare", *arguments], env={"COLUMNS": "160"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def summary_of(folder: Path) -> Any:
    from mlflow import MlflowClient

    (run,) = MlflowClient(f"sqlite:///{folder}/mlflow.db").search_runs(["2"], "tags.`nnexp.summary` = 'first'")
    return run


@pytest.mark.parametrize("what", [["first"], ["fir"], [], ["nnexp"]], ids=["sweep", "beginning", "all", "experiment"])
def test_a_sweep_or_an_experiment_is_compared(folder: Path, what: list[str]) -> None:
    code, output, _ = nnexp(folder, *what)
    assert code == 0
    assert output.split()[:2] == ["eta", "seeds"]
    said = output.splitlines()
    assert said[3].startswith("eta=1 beats eta=0.01 by ")
    assert said[5].startswith("best run: eta=1 seed=")
    assert "validation accuracy chooses, test accuracy is reported" in output
    assert "the best run again: python -m nnexp.run" in output


def test_a_summary_stands_for_its_sweep(folder: Path) -> None:
    assert json.loads(nnexp(folder, summary_of(folder).info.run_id, "--json")[1])["title"] == "sweep first"


def test_two_runs_are_compared_image_by_image(folder: Path) -> None:
    groups = json.loads(nnexp(folder, "--json")[1])["groups"]
    code, output, _ = nnexp(folder, groups[0]["runs"][0], groups[1]["runs"][0])
    assert code == 0
    assert "these two networks differ significantly (McNemar's test, p < 0.001)" in output


def stored(folder: Path) -> tuple[Comparison, dict[str, StoredRun]]:
    """The sweep's comparison, and its runs as the store has them now."""
    runs = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open().search()
    return compare("", trials(runs[0].store, runs)), {run.id: run for run in runs}


def test_the_networks_that_are_asked_are_those_whose_accuracies_are_reported(folder: Path) -> None:
    comparison, runs = stored(folder)
    found = evidence(comparison, runs)
    rivals = [comparison.best, comparison.groups[1].best]
    assert [right.mean() for right in found.right] == pytest.approx([run.chosen_test for run in rivals])
    assert found.other
    assert [found.best.name, found.other.name] == [f"eta={run.settings['eta']:g} seed={run.seed}" for run in rivals]


def test_the_last_weights_are_not_needed(folder: Path) -> None:
    """Those of the epoch that validation has chosen are the ones."""
    comparison, runs = stored(folder)
    (last,) = folder.glob(f"mlruns/*/{comparison.best.id}/artifacts/weights.npz")
    last.rename(last.with_suffix(".away"))
    try:
        assert evidence(comparison, runs).right[0].mean() == pytest.approx(comparison.best.chosen_test)
    finally:
        last.with_suffix(".away").rename(last)


def with_other_data(run: StoredRun) -> StoredRun:
    return replace(run, tags={**run.tags, "nnexp.data.sha256": "0" * 64})


def test_networks_judged_by_other_data_are_not_compared_image_by_image(folder: Path) -> None:
    comparison, runs = stored(folder)
    for run in comparison.groups[1].trials:
        runs[run.id] = with_other_data(runs[run.id])
    assert evidence(comparison, runs).other is None


def test_there_are_no_images_from_data_that_has_changed_since(folder: Path) -> None:
    comparison, runs = stored(folder)
    runs[comparison.best.id] = with_other_data(runs[comparison.best.id])
    with pytest.raises(UsageError, match=r"its data has SHA-256 [0-9a-f]{8} now, expected 00000000"):
        evidence(comparison, runs)


def test_data_that_changed_under_its_name_is_two_settings(folder: Path) -> None:
    _, runs = stored(folder)
    for run in list(runs.values())[::2]:
        runs[run.id] = with_other_data(run)
    over = compare("", trials(next(iter(runs.values())).store, list(runs.values()))).over
    assert set(over) == {"eta", "data"}


def test_only_what_can_change_the_result_differs(folder: Path) -> None:
    _, runs = stored(folder)
    for number, run in enumerate(list(runs.values())):
        params = {**run.params, "monitor": f"[{number}]", "pictures": str(number)}
        runs[run.id] = replace(run, params=params)
    made = trials(next(iter(runs.values())).store, list(runs.values()))
    assert compare("", made).over == ["eta"]
    assert {run.test_images for run in made} == {300}


def test_two_seeds_of_one_setting_are_compared_image_by_image_too(folder: Path) -> None:
    first, second, _ = json.loads(nnexp(folder, "--json")[1])["groups"][0]["runs"]
    assert "McNemar" in nnexp(folder, first, second)[1]


def test_accuracies_are_those_that_the_runs_have_logged(folder: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    group = json.loads(nnexp(folder, "--json")[1])["groups"][0]
    runs = [client.get_run(run_id) for run_id in group["runs"]]
    logged = [run.data.metrics["best_validation_accuracy"] for run in runs]
    assert group["best validation"] == pytest.approx(np.mean(logged))
    assert group["best validation sd"] == pytest.approx(np.std(logged, ddof=1))


def test_a_report_is_written(folder: Path, tmp_path: Path) -> None:
    code, output, _ = nnexp(folder, "first", "--html", str(tmp_path / "report.html"))
    assert code == 0
    assert f"report  {tmp_path / 'report.html'}" in output
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 3
    assert "Confusion matrix of the best run" in page


def test_an_earlier_report_stays_whole_until_the_new_one_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "report.html"
    page.write_text("earlier")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, error = nnexp(folder, "first", "--html", str(page))
    assert (code, error) == (2, f"--html: {page} can't be written (No space left on device)\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("report.html", b"earlier")]


def test_what_is_unknown_is_told_with_what_there_is(folder: Path) -> None:
    code, _, error = nnexp(folder, "nothing")
    assert code == 2
    assert error.startswith("run: got 'nothing', expected the id of one run")
    assert "sweeps: first; experiments: " in error


def test_a_report_goes_into_a_folder_that_is_there(folder: Path) -> None:
    code, _, error = nnexp(folder, "--html", "no/where.html")
    assert code == 2
    assert error == "--html: got 'no/where.html', expected a file in a folder that is there\n"


def test_a_sweep_keeps_its_report_and_charts_on_its_summary(folder: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    run_id = summary_of(folder).info.run_id
    files = {file.path for path in (None, "figures") for file in client.list_artifacts(run_id, path)}
    assert {"report.html", "figures/learning_curves.png", "figures/effect.png", "figures/importance.png"} <= files


def test_a_sweep_describes_itself_on_its_summary(folder: Path) -> None:
    note = summary_of(folder).data.tags["mlflow.note.content"]
    assert "**eta=1 beats eta=0.01 by" in note
    assert "- best run: eta=1 seed=" in note
    assert "| eta | seeds | best validation |" in note
    assert "[curves](#/experiments/" in note
    assert f"[report](#/experiments/2/runs/{summary_of(folder).info.run_id}/artifacts/report.html?" in note
