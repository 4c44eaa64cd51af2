"""A search's trials as a table."""

from __future__ import annotations

import csv

import pytest
from searches import search, tried, varied

from nnexp.searches.render.table import as_csv, columns, markdown, rows, show
from nnexp.study.objectives import VALIDATION

MIXED = search(
    tried(0, None, "failed", eta=0.123456789),
    tried(1, 0.9, eta=1.0, optimiser="sgd"),
    tried(2, None, "pruned", eta=2.0),
    tried(3, 0.95, eta=3.0, optimiser="momentum", optimiser__momentum=0.9),
    tried(4, None, "running", eta=4.0),
)


def cells(name: str) -> list[str]:
    return [row[columns(MIXED).index(name)] for row in rows(MIXED)]


def test_the_best_is_first_and_what_has_no_value_last() -> None:
    assert cells("trial") == ["3", "1", "2", "4", "0"]
    assert cells("rank") == ["1", "2", "-", "-", "-"]
    assert cells("state") == ["complete", "complete", "pruned", "running", "failed"]


def test_a_setting_that_a_trial_has_not_got_is_a_dash() -> None:
    assert cells("optimiser.momentum") == ["0.9", "-", "-", "-", "-"]


def test_values_seeds_epochs_test_and_runs_are_there() -> None:
    assert rows(MIXED)[0][5:] == ["95.00 %", "3", "12", "94.60 %", "complete", "03abcdef +2"]
    assert rows(MIXED)[2][5:] == ["-", "1", "2", "-", "pruned", "02abcdef"]


def test_where_less_is_better_the_least_is_first() -> None:
    found = search(tried(0, 3.0, eta=1.0), tried(1, 2.0, eta=2.0), objectives=["train_seconds"])
    assert [row[1] for row in rows(found)] == ["1", "0"]


def test_the_front_is_marked_and_stands_above_the_others() -> None:
    trials = [tried(0, (0.97, 900.0), eta=1.0), tried(1, (0.96, 950.0), eta=2.0), tried(2, (0.95, 500.0), eta=3.0)]
    found = search(*trials, objectives=[VALIDATION, "parameters"])
    assert [row[:2] for row in rows(found)] == [["front", "0"], ["front", "2"], ["-", "1"]]
    assert rows(found)[0][3:5] == ["97.00 %", "900"]


def test_csv_has_all_digits_and_all_runs() -> None:
    best, _, _, _, failed = csv.DictReader(as_csv(MIXED).splitlines())
    assert failed["eta"] == "0.123456789"
    assert failed["rank"] == failed[VALIDATION] == failed["optimiser"] == ""
    assert float(best[VALIDATION]) == 0.95
    assert best["runs"].split() == ["03abcdef0123"] * 3


def test_csv_runs_no_formula() -> None:
    assert "'=1+1" in as_csv(search(tried(0, data="=1+1")))


def test_markdown_says_how_many_more_there_are() -> None:
    table = markdown(MIXED, most=2)
    assert table.splitlines()[0].startswith("| rank | trial | eta |")
    assert table.endswith("and 3 more")


def test_the_terminal_shows_the_first_rows_and_counts_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show(varied(12), most=4)
    printed = capsys.readouterr().out
    assert "and 8 more" in printed
    assert len(printed.splitlines()) == 6
