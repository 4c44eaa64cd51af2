"""What a sweep says at its end: which table, and what is told of a sweep that was stopped."""

from __future__ import annotations

import logging

import pytest
from trials import ending, swept

from nnexp.comparison.comparison import Comparison, compare
from nnexp.runner.result import Outcome, State
from nnexp.sweeps.verdict import show, verdict_of


def outcomes(comparison: Comparison, *others: State) -> list[Outcome]:
    """A row for each run of the comparison, and for jobs in these states."""
    of_runs = [Outcome(dict(run.settings), "new", 1, 0.9, 0.9, 1.0, run.id) for run in comparison.trials]
    return [*of_runs, *(Outcome({"eta": 9, "seed": 0}, state) for state in others)]


@pytest.fixture
def printed(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """The log, in a terminal that is wide enough."""
    monkeypatch.setenv("COLUMNS", "200")
    caplog.set_level(logging.INFO)
    return caplog


def test_settings_with_several_seeds_are_a_table_of_means(
    printed: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    found = swept("eta")
    show(["eta", "seed"], outcomes(found), found, "FINISHED")
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["eta", "seeds"]
    assert [row.split()[:2] for row in rows] == [["2", "3"], ["1", "3"]]


def test_settings_with_one_seed_each_are_a_table_of_jobs(
    printed: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    found = swept("eta", seeds=1)
    show(["eta", "seed"], outcomes(found), found, "FINISHED")
    assert capsys.readouterr().out.split()[:2] == ["eta", "seed"]


def test_what_p_is_corrected_for_is_a_note_and_no_verdict(printed: pytest.LogCaptureFixture) -> None:
    found = swept("eta", values=3)
    show(["eta", "seed"], outcomes(found), found, "FINISHED")
    assert [line for line in printed.messages if line.startswith("verdict")] == ["verdict eta=3 beats both others"]
    (note,) = [line for line in printed.messages if "Holm" in line]
    assert note.startswith("note    p is valid")


def test_where_nothing_is_significant_there_is_no_word_on_p(printed: pytest.LogCaptureFixture) -> None:
    found = swept("eta", seeds=2)
    show(["eta", "seed"], outcomes(found), found, "FINISHED")
    assert not [line for line in printed.messages if line.startswith("note")]


def test_a_sweep_that_was_stopped_says_what_can_be_told_so_far() -> None:
    found = swept("eta", values=3)
    said = verdict_of(found, outcomes(found, "killed", "to do"), "KILLED")
    assert said == "so far, with 9 of 11 jobs done: eta=3 beats both others"


def test_a_sweep_that_came_to_its_end_says_no_such_thing() -> None:
    found = swept("eta", values=3)
    assert verdict_of(found, outcomes(found, "failed"), "FAILED") == "eta=3 beats both others"


def test_runs_of_earlier_commands_that_a_table_of_jobs_lacks_are_counted(printed: pytest.LogCaptureFixture) -> None:
    found = compare("", [ending(0.9, eta=eta) for eta in (1, 2, 3)])
    show(["eta", "seed"], outcomes(found)[:2], found, "FINISHED")
    assert printed.messages[0] == "also    in the sweep: 1 run of earlier commands"
