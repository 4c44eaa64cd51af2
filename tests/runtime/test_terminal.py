"""What is printed for people: colours on a terminal that wants them, and no character that can't be shown."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest

import nnexp
from nnexp.runtime.terminal import can_print, console


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
