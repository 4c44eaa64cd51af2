"""The line that tells what takes long."""

from __future__ import annotations

import io
import logging
import multiprocessing
import re
import threading
from contextlib import suppress
from types import SimpleNamespace

import pytest
from processes import wait_until

from nnexp.runtime import waiting
from nnexp.runtime.terminal import LogPrinter
from nnexp.runtime.waiting import ERASE, THREAD, doing, quiet, room, silenced


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def showing() -> list[threading.Thread]:
    """The threads that would show a line."""
    return [thread for thread in threading.enumerate() if thread.name == THREAD]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on which everything is told at once."""
    monkeypatch.setattr(waiting, "SILENCE", 0.0)
    monkeypatch.setattr(waiting, "SHORTEST", 0.0)
    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()
    monkeypatch.setattr(waiting, "sys", SimpleNamespace(stderr=screen))  # pytest puts its own into the true one
    return screen


def shows(terminal: Terminal, what: str) -> None:
    """Wait until the last that the terminal was given is this."""
    wait_until(lambda: terminal.getvalue().rpartition(ERASE)[2] == what, what, 30)


def test_it_tells_what_is_being_done_and_goes_when_that_is_over(terminal: Terminal) -> None:
    with doing("importing MLflow"):
        shows(terminal, "importing MLflow ...")
    assert terminal.getvalue().endswith(ERASE)


def test_it_goes_also_when_that_fails(terminal: Terminal) -> None:
    with suppress(ImportError), doing("importing MLflow"):
        shows(terminal, "importing MLflow ...")
        raise ImportError
    assert terminal.getvalue().endswith(ERASE)


def test_the_innermost_block_is_told_and_then_the_outer_one_again(terminal: Terminal) -> None:
    with doing("planning"):
        with doing("reading data"):
            shows(terminal, "reading data ...")
        shows(terminal, "planning ...")


def test_what_is_soon_over_is_not_mentioned(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SHORTEST", 1000.0)
    with doing("starting"), doing("reading data"):
        pass
    assert terminal.getvalue() == ""


def test_a_block_that_prints_by_itself_is_left_alone(terminal: Terminal) -> None:
    with doing("starting"):
        shows(terminal, "starting ...")
        with quiet():
            assert terminal.getvalue().endswith(ERASE)
            with doing("reading data"):
                shows(terminal, "reading data ...")
        assert terminal.getvalue().endswith(ERASE)
        assert not showing()


def test_no_thread_is_left_that_would_make_a_fork_unsafe(terminal: Terminal) -> None:
    with doing("starting"), quiet():
        assert not showing()


def test_it_makes_room_for_what_is_printed_and_comes_back(terminal: Terminal) -> None:
    with doing("planning"):
        shows(terminal, "planning ...")
        with room():
            assert terminal.getvalue().endswith(ERASE)
        wait_until(lambda: terminal.getvalue().count("planning ...") == 2, "the line again", 60)


def test_it_makes_room_for_a_line_of_the_log(terminal: Terminal) -> None:
    with doing("planning"):
        shows(terminal, "planning ...")
        waiting.SHORTEST = 1000.0  # the fixture puts it back
        LogPrinter(file := io.StringIO()).handle(logging.LogRecord("nnexp", logging.INFO, "", 0, "a line", None, None))
        assert file.getvalue() == "a line\n"
        assert terminal.getvalue().endswith(ERASE)


def log(lines: int, stream: io.StringIO) -> None:
    printer = LogPrinter(stream)
    for number in range(lines):
        printer.handle(logging.LogRecord("nnexp", logging.INFO, "", 0, f"line {number}", None, None))


def test_it_makes_room_for_a_line_of_another_thread(terminal: Terminal) -> None:
    with doing("getting workers ready"):
        shows(terminal, "getting workers ready ...")
        waiting.SHORTEST = waiting.SILENCE = 1000.0
        other = threading.Thread(target=log, args=(1, terminal))
        other.start()
        other.join()
    assert terminal.getvalue() == f"{ERASE}getting workers ready ...{ERASE}line 0\n"


def test_threads_that_print_and_the_line_neither_mix_nor_wait_for_each_other(terminal: Terminal) -> None:
    others = [threading.Thread(target=log, args=(200, terminal), daemon=True) for _ in range(4)]
    for other in others:
        other.start()
    while any(other.is_alive() for other in others):
        with doing("planning"), doing("reading data"):
            log(1, terminal)
    pieces = terminal.getvalue().split(ERASE)
    alone = re.compile(r"(planning \.\.\.|reading data \.\.\.|(line \d+\n)*)")
    assert [piece for piece in pieces if not alone.fullmatch(piece)] == []
    assert sum(piece.count("line") for piece in pieces) >= 4 * 200


def test_a_log_that_prints_has_no_lock_beside_the_lines(terminal: Terminal) -> None:
    assert LogPrinter(terminal).lock is waiting.PRINTING


def test_a_line_stays_one_line_and_can_not_act_on_the_terminal(terminal: Terminal) -> None:
    with doing("reading \x1b[2J" + "x" * 200):
        shows(terminal, r"reading \x1b[2J".ljust(79, "x"))


def test_a_character_that_takes_two_columns_counts_as_two(terminal: Terminal) -> None:
    with doing("数" * 60):
        wait_until(lambda: terminal.getvalue() == ERASE + "数" * 39, "half as many characters as columns", 60)


def test_a_file_is_told_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting.sys, "stderr", file := io.StringIO())
    with doing("starting"):
        assert not showing()
    assert file.getvalue() == ""


def test_nothing_is_told_where_a_program_reads_what_is_printed(terminal: Terminal) -> None:
    with silenced(), doing("starting"):
        assert not showing()
    assert terminal.getvalue() == ""


def test_a_sweeps_worker_tells_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing.current_process(), "_name", "nnexp-worker")
    with doing("reading data"):
        assert not showing()
    assert terminal.getvalue() == ""
