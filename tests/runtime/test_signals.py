"""Signals: an exception that names them, raised once, and held while something must not be torn."""

from __future__ import annotations

import signal
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
