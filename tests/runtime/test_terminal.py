"""What is printed for people: colours on a terminal that wants them, and no character that can't be shown."""

from __future__ import annotations

import ast
import io
import os
from pathlib import Path

import pytest

import nnexp
from nnexp.runtime.terminal import WHOLE, can_print, console, print_columns, print_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has said whether there are to be colours."""
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_wish")
def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", screen := Terminal())
    console().print("failed", style="red")
    assert "\x1b[31m" in screen.getvalue()


@pytest.mark.usefixtures("no_wish")
def test_no_colour_is_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", screen := Terminal())
    console().print("failed", style="red")
    assert screen.getvalue() == "failed\n"


@pytest.mark.usefixtures("no_wish")
def test_a_file_gets_no_colours_whatever_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stdout", file := io.StringIO())
    console().print("failed", style="bold red")
    assert file.getvalue() == "failed\n"


def test_a_pipe_is_as_wide_as_a_row_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stderr", Terminal())
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr("sys.stdout", pipe)
        assert console().width == WHOLE


def test_all_that_colours_asks_this_one_function() -> None:
    files = Path(nnexp.__file__).parent.rglob("*.py")
    making = {
        file.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Console"
    }
    assert making == {"terminal.py"}


@pytest.mark.parametrize(("encoding", "can"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_what_can_be_printed_follows_the_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str, can: bool) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert can_print("▁▅█") is can


LINE = (
    "verdict eta=3 or eta=0.5: can't tell yet: it would take more than 100 seeds to show that one is ahead of another"
)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("narrow")
def test_a_long_line_is_broken_between_words_and_indented_below_its_text() -> None:
    print_line(LINE, screen := Terminal())
    assert screen.getvalue().splitlines() == [
        "verdict eta=3 or eta=0.5: can't tell yet: it would take more than 100 seeds to",
        "        show that one is ahead of another",
    ]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    "line", ["again   python -m nnexp.run " + "eta=3 " * 20 + "seed=1", "report  /" + "folder/" * 20 + "report.html"]
)
def test_commands_and_paths_stay_whole_for_whoever_copies_them(line: str) -> None:
    print_line(line, screen := Terminal())
    assert screen.getvalue() == f"{line}\n"


@pytest.mark.usefixtures("narrow")
def test_a_line_in_a_pipe_stays_whole() -> None:
    print_line(LINE, file := io.StringIO())
    assert file.getvalue() == f"{LINE}\n"


def test_a_narrow_terminal_goes_without_the_columns_that_are_least_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names, row = ["epochs", "test", "seconds", "epochs", "run"], ["30", "96.02 %", "3.3", "28", "82caf7f8"]
    monkeypatch.setenv("COLUMNS", "30")
    print_columns(names, [row], left=["run"], least=["none", "seconds", "epochs", "test"])
    head, cells, said = capsys.readouterr().out.splitlines()
    assert head.split() == ["epochs", "test", "run"]
    assert cells.split() == ["30", "96.02", "%", "82caf7f8"]
    assert said == "(in a wider terminal also: seconds, epochs)"


def test_a_wide_one_has_all_columns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "31")
    print_columns(["test", "seconds", "run"], [["96.02 %", "3.3", "82caf7f8"]], left=["run"], least=["seconds"])
    assert capsys.readouterr().out.splitlines()[0].split() == ["test", "seconds", "run"]


def test_a_long_cell_that_may_be_broken_costs_no_other_column_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    row = ["sizes=784-30-10 eta=3 cost=cross_entropy", "96.02 %", "3.3"]
    print_columns(["name", "test", "seconds"], [row], left=["name"], least=["seconds"], folds=["name"])
    head, *cells = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "test", "seconds"]
    assert [line.split("  ")[0] for line in cells] == ["sizes=784-30-10 eta=3", "cost=cross_entropy"]
