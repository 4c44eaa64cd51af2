"""The README says what is so, and what the pages show in Python does what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import ROOT, Page, pages
from running import environment, give_store

import nnexp
from nnexp.config.help_page import tables
from nnexp.config.schema import register
from nnexp.data.article import load_data_wrapper

README = Page(ROOT / "README.md")
RUN_ID = "d8396f9eb3d04168bcdcd10c98578df5"
SHORT = """
import nnexp, numpy as np
images, train, swept, searched = np.zeros((3, 784), np.float32), nnexp.train_run, nnexp.sweep, nnexp.search
short = dict(epochs=1, pictures=False)
digits = short | {"data": "digits", "sizes": [64, 10]}
nnexp.train_run = lambda **settings: train(**settings, **short)
nnexp.sweep = lambda **settings: swept("eta-seed", **settings, **digits)
nnexp.search = lambda sampler, trials, **settings: searched(sampler, 2, **settings, **digits, **{"search.confirm": 0})
"""

register()


def program(name: str) -> str:
    """The first of the pages' programs that imports `name`."""
    of_pages = (each for page in [README, *pages()] for each in page.programs)
    return next(each for each in of_pages if re.search(rf"import.* {name}$", each, re.MULTILINE))


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    assert command in README.text
    assert command in (ROOT / "scripts/test").read_text().splitlines()
    assert "bash scripts/test" in (ROOT / ".ci/run").read_text().splitlines()


def test_the_tables_of_settings_are_those_that_the_declarations_give() -> None:
    """If this fails, `python scripts/readme_tables.py` writes them anew."""
    assert tables() in (ROOT / "conf/README.md").read_text()


def test_its_network_trains(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    few = tuple(pairs[:20] for pairs in load_data_wrapper())
    monkeypatch.setattr(nnexp, "load_data_wrapper", lambda: few, raising=False)
    exec(program("load_data_wrapper"), {})  # noqa: S102  # our own README
    assert len(capsys.readouterr().out.splitlines()) == 30


@pytest.mark.slow
def test_its_notebook_trains_and_finds_what_was_trained(tmp_path: Path) -> None:
    give_store(tmp_path)
    asks = program("mlflow").replace(f'"{RUN_ID}"', "run.run_id").replace(f'"runs:/{RUN_ID}/', 'f"runs:/{run.run_id}/')
    trains = program("nnexp").replace(f'"{RUN_ID[:8]}"', "run.run_id")
    words = [sys.executable, "-c", SHORT + trains + asks + "print(model.predict(images).shape)"]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "(3, 10)"


@pytest.mark.slow
def test_its_classifier_is_searched_by_scikit_learn() -> None:
    names: dict[str, Any] = {}
    exec(program("GridSearchCV").replace("random_state=0", "random_state=0, epochs=3"), names)  # noqa: S102  # as above
    assert names["found"].best_score_ > 0.8
