"""Sweeps among the runs that are compared, each by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import nnexp
from running import run_nnexp


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sweeps, of which one is over seeds, and a run of other settings, in a folder of runs."""
    folder = tmp_path_factory.mktemp("sweeps")
    for words in (
        ["-m", "eta=0.01,3", "seed=range(3)", "epochs=2", "sweep.name=rates"],
        ["-m", "eta=1,2", "epochs=2", "sweep.name=steps"],
        ["epochs=3"],
    ):
        done = run_nnexp(folder, "data=digits", "sizes=[64,10]", "tracking=folder", *words)
        assert done.returncode == 0, done.stderr
    return folder


def compared(folder: Path, *what: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(nnexp(folder, "compare", *what, "--json").stdout)
    return said


def test_all_runs_keep_the_verdict_of_each_sweep(folder: Path) -> None:
    sweeps = compared(folder)["sweeps"]
    assert sweeps["rates"].startswith("eta=3 beats eta=0.01 by ")
    assert sweeps["steps"].startswith("can't tell which of 2 settings is better from one seed each")


def test_a_sweep_that_is_all_there_is_to_compare_is_not_told_twice(folder: Path) -> None:
    assert compared(folder, "rates")["sweeps"] == {}


def test_a_sweep_of_which_only_some_runs_are_compared_is_left_out(folder: Path) -> None:
    of_rates, of_steps = (compared(folder, sweep)["groups"] for sweep in ("rates", "steps"))
    ids = [*of_rates[0]["runs"], *(run for group in of_steps for run in group["runs"])]
    assert list(compared(folder, *ids)["sweeps"]) == ["steps"]


def test_the_command_that_tells_more_stands_beside_it(folder: Path) -> None:
    said = nnexp(folder, "compare").stdout
    assert "sweep rates alone: eta=3 beats eta=0.01 by" in said
    assert "; more: nnexp compare rates\n" in said
