"""`nnexp ui --study`: Optuna's dashboard of a search."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commands import nnexp
from processes import answer_of, descendants, free_port, gone, started, wait_until

from nnexp.searches.plan import FOLDER, JOURNAL
from nnexp.study import dashboard
from nnexp.study.samplers.random import Random
from nnexp.study.trials import Drawing, Trials


def give_search(folder: Path, name: str) -> None:
    """A search of one trial in the folder, as the command leaves it."""
    journal = folder / FOLDER / name / JOURNAL
    journal.parent.mkdir(parents=True)
    trials = Trials(
        journal, name, Drawing(Random(), lambda trial: {"a": f"{trial.suggest_float('a', 0, 1)}"}, {}, 1), {}
    )
    trials.tell(trials.ask(), [0.5])


def test_a_folder_without_searches_says_so(tmp_path: Path) -> None:
    done = nnexp(tmp_path, "ui", "--study", "first")
    assert done.returncode == 2
    assert done.stderr == "--study: got 'first', but there is no search in outputs/searches\n"


@pytest.mark.parametrize(("name", "named"), [("last", "fine, first, other"), ("fi", "fine, first")])
def test_another_name_is_refused_with_those_there_are(tmp_path: Path, name: str, named: str) -> None:
    for each in ("first", "fine", "other"):
        give_search(tmp_path, each)
    done = nnexp(tmp_path, "ui", "--study", name)
    assert (done.returncode, done.stderr) == (2, f"--study: got {name!r}, expected one of {named}\n")


def test_a_sweep_and_a_study_can_not_be_shown_at_once(tmp_path: Path) -> None:
    done = nnexp(tmp_path, "ui", "eta", "--study", "first")
    assert (done.returncode, done.stderr) == (2, "WHAT: got 'eta' with --study, expected one of both\n")


def test_without_the_dashboard_it_says_how_to_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_search(tmp_path, "first")
    monkeypatch.setattr(dashboard.sys, "executable", str(tmp_path / "python"))
    done = nnexp(tmp_path, "ui", "--study", "first")
    assert (done.returncode, done.stderr) == (2, "--study: needs Optuna's dashboard: pip install optuna-dashboard\n")


@pytest.mark.slow
def test_the_dashboard_shows_the_search_and_ends_with_us(tmp_path: Path) -> None:
    give_search(tmp_path, "first")
    port = free_port()
    words = ("ui", "--study", "fir", "--port", str(port))
    with started(tmp_path, *words, module="nnexp.cli", stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        assert server.stdout.readline() == f"http://127.0.0.1:{port}/dashboard\n"
        studies = json.loads(answer_of(server, f"http://127.0.0.1:{port}/api/studies"))
        below = descendants(server.pid)
        server.terminate()
        server.wait()
        wait_until(lambda: all(map(gone, below)), "the dashboard has ended")
    assert [study["study_name"] for study in studies["study_summaries"]] == ["first"]
    assert below
