"""Signals: an exception that names them, raised once, and held while something must not be torn."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from nnexp.runtime.signals import Interrupted, Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_becomes_an_exception_that_names_it(number: signal.Signals) -> None:
    with pytest.raises(Interrupted, match=number.name), Interrupts():
        signal.raise_signal(number)


def test_a_second_signal_is_ignored() -> None:
    steps = []

    def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            steps.append("tidied up")

    with pytest.raises(Interrupted), Interrupts():
        work()
    assert steps == ["tidied up"]


@pytest.mark.parametrize("error", [None, AttributeError])
def test_a_signal_that_a_library_swallows_or_makes_an_error_of_is_raised_at_the_end(
    error: type[Exception] | None,
) -> None:
    def careless() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except BaseException:
            if error:
                raise error from None

    with pytest.raises(Interrupted, match="SIGTERM"), Interrupts():
        careless()


def test_a_third_signal_means_it() -> None:
    def end(interrupts: Interrupts) -> None:
        with interrupts.held():
            for _ in range(3):
                signal.raise_signal(signal.SIGINT)
            pytest.fail("nothing can stop it")

    with pytest.raises(Interrupted), Interrupts() as interrupts:
        end(interrupts)


def test_a_held_signal_waits_until_the_end_of_the_block() -> None:
    steps = []

    def torn_unless_held(interrupts: Interrupts) -> None:
        with interrupts.held():
            signal.raise_signal(signal.SIGTERM)
            steps.append("whole")

    with pytest.raises(Interrupted), Interrupts() as interrupts:
        torn_unless_held(interrupts)
    assert steps == ["whole"]


def test_a_signal_whose_exception_python_drops_is_raised_again() -> None:
    class Tidied:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    def work() -> None:
        Tidied()
        for _ in range(6000):
            time.sleep(0.01)

    with pytest.raises(Interrupted, match="SIGTERM"), Interrupts():
        work()


def test_a_second_signal_is_ignored_by_the_block_around_the_one_that_heard_the_first() -> None:
    """What ends the inner block is being told of when the second one comes."""
    told = []

    def work() -> None:
        try:
            with Interrupts():
                signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            told.append("what comes of the work")

    with pytest.raises(Interrupted), Interrupts():
        work()
    assert told == ["what comes of the work"]


LAST = """
import signal, sys
from nnexp.runtime.signals import Interrupts
try:
    with Interrupts(last=True):
        signal.raise_signal(signal.SIGTERM)
except KeyboardInterrupt:
    for _ in range(int(sys.argv[1])):
        signal.raise_signal(signal.SIGTERM)
    print("said")
    sys.exit(7)
"""


@pytest.mark.parametrize(("more", "end"), [(1, (7, "said\n")), (2, (128 + signal.SIGTERM, ""))])
def test_at_the_end_of_a_process_a_second_signal_is_ignored_and_a_third_means_it(
    more: int, end: tuple[int, str]
) -> None:
    done = subprocess.run([sys.executable, "-c", LAST, str(more)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == end
    assert done.stderr == ""


def test_the_handlers_from_before_are_put_back() -> None:
    before, hook = signal.getsignal(signal.SIGTERM), sys.unraisablehook
    with Interrupts():
        assert signal.getsignal(signal.SIGTERM) is not before
        assert sys.unraisablehook is not hook
    assert signal.getsignal(signal.SIGTERM) is before
    assert sys.unraisablehook is hook


def test_in_another_thread_signals_are_left_alone() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def enter() -> None:
        with Interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]
