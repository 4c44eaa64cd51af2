"""Runs, sweeps, searches and comparisons from Python: one script, and what it has seen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from running import PATIENCE, environment

from nnexp.errors import ConfigError, UsageError
from nnexp.tracking.stores.folder import Folder

SCRIPT = """
import json, nnexp

if __name__ == "__main__":
    told = {}
    settings = dict(data="digits", sizes=[64, 10], epochs=3, tracking="folder", pictures=False)
    run = nnexp.train_run(**settings)
    told["run"] = [repr(run), run._repr_html_(), list(run.epochs.index), run.trained]
    swept = nnexp.sweep(eta=[0.5, 3], seed=range(3), **settings)
    told["sweep"] = [repr(swept), swept._repr_html_(), swept.verdict, swept.jobs.to_dict("list"), swept.name]
    forgotten = nnexp.sweep(eta=[0.5, 3], **settings | {"tracking": "off"})
    told["forgotten"] = [repr(forgotten), forgotten.verdict, forgotten.best]
    eta = nnexp.interval(0.1, 10, log=True)
    found = nnexp.search("random", trials=3, eta=eta, **settings | {"search.confirm": 3})
    choices = dict(cost=["quadratic", "cross_entropy"], activation=["sigmoid", "tanh", "relu"], init=["he", "glorot"])
    chosen = nnexp.search("random", trials=6, **choices, **settings | {"search.confirm": 0, "tracking": "off"})
    told["choices"] = [list(chosen.trials["state"]), list(chosen.settings)]
    stopped = nnexp.train_run(stopping="target", **settings | {"stopping.accuracy": 0.01, "pictures": True})
    told["stopped"] = [repr(stopped), list(stopped.epochs.index)]
    told["search"] = [repr(found), found.verdict, found.settings, found.trials.to_dict("list")]
    best = nnexp.load(swept.best)
    told["load"] = [best.run_id, best.network.fingerprint() == best.history.epochs[-1].weights, best.trained]
    told["compare"] = [nnexp.compare(swept.name).groups.to_dict("list"), nnexp.compare(swept.name).verdict]
    stored = nnexp.runs()
    told["runs"] = [len(stored), list(stored.columns[:5]), len(nnexp.runs("eta == 0.5"))]
    preset = nnexp.sweep(experiments="eta", seed=[0, 1], **settings)
    told["preset"] = [sorted(preset.over), len(preset.outcomes)]
    open("told.json", "w").write(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    folder = tmp_path_factory.mktemp("python")
    script = folder / "script.py"
    script.write_text(SCRIPT)
    subprocess.run([sys.executable, script], cwd=folder, env=environment(), check=True, timeout=PATIENCE)
    found: dict[str, list[Any]] = json.loads((folder / "told.json").read_text())
    return found


pytestmark = pytest.mark.slow


def test_a_run_shows_its_curve_and_how_good_it_got(told: dict[str, list[Any]]) -> None:
    text, html, epochs, trained = told["run"]
    assert "test accuracy by epoch" in text
    assert "the best on validation" in text
    assert "<svg" in html
    assert (epochs, trained) == ([0, 1, 2, 3], True)


def test_a_sweep_shows_its_table_and_its_verdict(told: dict[str, list[Any]]) -> None:
    text, html, verdict, jobs, name = told["sweep"]
    assert verdict in text
    assert "<table>" in html
    assert name.startswith("eta-seed-")
    assert sorted(jobs["state"]) == ["done", *["new"] * 5]


def test_a_sweep_that_is_not_remembered_shows_the_table_of_its_jobs(told: dict[str, list[Any]]) -> None:
    text, verdict, best = told["forgotten"]
    assert "best validation" in text
    assert (verdict, best) == ("", "")


def test_a_search_shows_its_trials_and_what_fresh_seeds_say(told: dict[str, list[Any]]) -> None:
    text, verdict, settings, trials = told["search"]
    assert verdict in text
    assert "by fresh seeds" in text
    assert list(settings) == ["eta"]
    assert trials["state"] == ["complete"] * 3


def test_a_search_may_be_over_choices(told: dict[str, list[Any]]) -> None:
    states, names = told["choices"]
    assert set(states) <= {"complete", "failed"}
    assert names == ["cost", "activation", "init"]


def test_a_run_that_stops_before_its_first_epoch_shows_the_untrained_network(told: dict[str, list[Any]]) -> None:
    text, epochs = told["stopped"]
    assert epochs == [0]
    assert "in epoch 0, the best on validation" in text


def test_the_best_run_is_loaded_with_its_network(told: dict[str, list[Any]]) -> None:
    assert told["load"] == [told["sweep"][3]["run"][0], True, False]


def test_a_comparison_has_a_row_for_each_setting(told: dict[str, list[Any]]) -> None:
    groups, verdict = told["compare"]
    assert sorted(groups["eta"]) == [0.5, 3.0]
    assert verdict == told["sweep"][2]


def test_stored_runs_are_rows_and_can_be_chosen(told: dict[str, list[Any]]) -> None:
    count, columns, of_half = told["runs"]
    assert columns == ["id", "name", "status", "best_validation_accuracy", "test_accuracy_at_best_validation"]
    assert count > of_half == 3


def test_a_preset_that_is_a_sweep_is_one_with_what_is_said_beside_it(told: dict[str, list[Any]]) -> None:
    assert told["preset"] == [["eta", "seed"], 6 * 2]


# What can't be.


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"etta": [1, 2]}, "etta: no such setting; did you mean eta?"),
        ({"eta": [-1, 1]}, "eta: got -1.0, expected a number > 0"),
        ({"eta": []}, "eta: got '[]', expected a number > 0"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(
    settings: dict[str, Any], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nnexp

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        nnexp.sweep(**settings)
    assert problem in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nnexp

    monkeypatch.chdir(tmp_path)
    Folder(path="outputs/runs").open()
    with pytest.raises(UsageError, match="run: got 'abc', expected the id of one run"):
        nnexp.load("abc")


def test_in_a_notebook_an_error_is_its_message() -> None:
    assert ConfigError(["eta: got -1"])._render_traceback_() == ["ConfigError: eta: got -1"]
