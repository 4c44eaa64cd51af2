"""The table of epochs: who is measured does the same work, and who does not is named."""

from __future__ import annotations

import json

import pytest

from bench_epoch import report as bench_report
from bench_epoch.article import PART
from bench_epoch.cases import CASES, Case
from bench_epoch.measuring import Measurement, Row, measure
from bench_epoch.report import report
from bench_epoch.rivals import RIVALS, Rival, of_case
from bench_epoch.sklearn import sklearn
from bench_epoch.table import as_json, markdown, text
from bench_epoch.task import Task
from nnexp.nn.optimisers.base import Optimiser

DIGITS = ("data=digits", "sizes=[64,10,10]", "mini_batch_size=9", "eta=0.5")  # 9 is a divisor of 1,197
SOFTMAX = (*DIGITS, "cost=log_likelihood")
CASE = Case((64, 10, 10), 9, ("sklearn",), (), note="digits")


def rival(name: str) -> Rival:
    (found,) = (each for each in RIVALS if each.name == name)
    return found


def row_of(*rivals: Rival, words: tuple[str, ...] = SOFTMAX) -> Row:
    return Measurement(CASE, Task.of(words), rivals).row(1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_can_be_trained_by_all_that_it_names(case: Case) -> None:
    if "optimiser=adam" in case.settings and "adam" not in Optimiser.kinds():
        pytest.skip("there is no Adam yet")
    task = Task.of(case.words)
    assert (task.config.sizes, task.m) == (list(case.sizes), case.m)
    assert len(task.dataset.train) % case.m == 0
    assert {each.name for each in of_case(case.rivals)} >= set(case.rivals)


def test_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("name", ["article", "jax", "torch", "keras"])
def test_a_rival_learns_what_our_network_learns(name: str) -> None:
    """Far closer than what the table asks for: all have the same weights, data and order."""
    if lacks := rival(name).lacks:
        pytest.skip(lacks)
    task = Task.of(DIGITS)
    assert next(rival(name).start(task)).cost == pytest.approx(task.cost(rival(name).part), rel=1e-4)


@pytest.mark.parametrize("name", ["sklearn", "jax"])
def test_a_softmax_learns_what_our_softmax_learns(name: str) -> None:
    if lacks := rival(name).lacks:
        pytest.skip(lacks)
    task = Task.of(SOFTMAX)
    assert next(rival(name).start(task)).cost == pytest.approx(task.cost(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SQLAlchemy's and PyTorch's own
@pytest.mark.parametrize("name", ["ours", "compiled torch"])
def test_one_that_takes_long_to_begin_learns_it_too(name: str) -> None:
    if lacks := rival(name).lacks:
        pytest.skip(lacks)
    task = Task.of(DIGITS)
    assert next(rival(name).start(task)).cost == pytest.approx(task.cost(), rel=1e-4)


def test_the_article_runs_a_part_of_an_epoch() -> None:
    assert rival("article").part == PART


def test_one_that_learns_otherwise_is_named_and_not_timed() -> None:
    other = Task.of((*SOFTMAX, "eta=0.25"))
    row = row_of(rival("sklearn"), Rival("slow learner", lambda _: sklearn(other)))
    (error,) = row.errors
    assert error.startswith("slow learner: costs ")
    assert row.seconds.keys() == {"sklearn"}


def test_one_that_is_not_installed_is_left_out_by_name() -> None:
    row = row_of(rival("floor"), Rival("absent", sklearn, packages=["no_such_package"]))
    assert row.lacking == {"absent": "no_such_package is not installed"}
    assert row.seconds.keys() == {"floor"}


def test_one_that_needs_a_compiler_says_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert Rival("compiled", sklearn, compiler=True).lacks == "there is no compiler no-such-compiler"


def test_a_case_with_an_optimiser_that_there_is_not_is_left_out_with_a_word() -> None:
    row = measure(Case((784, 30, 10), 10, (), (), ("optimiser=no_such",)), 1)
    assert row.seconds == {}
    assert row.lacking["all"].startswith("optimiser: got 'no_such', expected one of ")


def test_an_error_in_a_row_is_told_to_who_asked_for_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_report, "measure", lambda case, rounds: Row(case.name, errors=["jax: costs twice that"]))
    assert not report(CASES[0].name, 1, as_json=False)
    assert "  ERROR jax: costs twice that" in capsys.readouterr().out.splitlines()


SECONDS = {"ours": 0.1, "numpy": 0.2, "floor": 0.05, "article": 4.0}


def test_a_row_has_everybody_s_seconds_and_the_ratios() -> None:
    lines = list(text([Row("784-30-10@10", SECONDS, ["article/ours >= 25 ok"])]))
    assert lines[1].split()[:5] == ["784-30-10@10", "0.100", "0.200", "0.050", "4.000"]
    assert lines[1].endswith("  2.00         40.00         -  article/ours >= 25 ok")


def test_the_readme_s_table_has_a_column_for_everybody_who_was_measured() -> None:
    rows = [
        Row("784-30-10@10", {"ours": 0.1234, "floor": 0.05, "article": 4.04}),
        Row("784-100-10@10+log_likelihood", {"ours": 0.2, "floor": 0.1, "sklearn": 1.5}),
        Row("784-100-10@10+adam", lacking={"all": "optimiser: got 'adam'"}),
    ]
    measured = json.loads(as_json(rows))
    measured["versions"]["sklearn"] = "1.9"
    assert markdown(measured).splitlines() == [
        "| network, mini-batch | nnexp | its matrix products alone | the article's loop | scikit-learn 1.9 |",
        "| --- | --- | --- | --- | --- |",
        "| `[784,30,10]`, 10 | 0.12 | 0.05 | 4.0 |  |",
        "| `[784,100,10]`, 10, log-likelihood | 0.20 | 0.10 |  | 1.5 |",
    ]
