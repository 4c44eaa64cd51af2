"""Imports that take long."""

from __future__ import annotations

import gc
import io

import pytest

from nnexp.runtime.loading import loading


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_what_is_loaded_as_long_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with loading("MLflow"):
        assert terminal.getvalue() == "loading MLflow ..."
    assert terminal.getvalue() == "loading MLflow ...\r\x1b[K"


def test_the_line_goes_also_when_loading_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with pytest.raises(ImportError), loading("MLflow"):
        raise ImportError
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_file_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", file := io.StringIO())
    with loading("MLflow"):
        pass
    assert file.getvalue() == ""


def test_no_garbage_is_looked_for_meanwhile() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_it_switched_off_finds_it_so() -> None:
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
