"""The rule for listeners: fatal while starting, reported in the middle, and the end told to all."""

from __future__ import annotations

import pytest
from training import Ear

from nnexp.train.events import Ended, EpochDone, Event, Started
from nnexp.train.listeners import Listeners

STARTED = Started(network=None, dataset=None, epochs=1)  # type: ignore[arg-type]  # ears do not look inside


def test_an_error_while_starting_is_fatal() -> None:
    with pytest.raises(OSError, match="disk full"):
        Listeners([Ear(Started)]).start(STARTED)


def test_whoever_heard_of_the_start_hears_of_the_end_and_nobody_else() -> None:
    first, failing, never = Ear(), Ear(Started), Ear()
    listeners = Listeners([first, failing, never])
    with pytest.raises(OSError, match="disk full"):
        listeners.start(STARTED)
    listeners.end(Ended("FAILED"))
    assert (first.heard, failing.heard, never.heard) == ([Started, Ended], [Started, Ended], [])


def test_an_error_in_the_middle_is_reported_and_the_others_still_hear(caplog: pytest.LogCaptureFixture) -> None:
    failing, other = Ear(EpochDone), Ear()
    listeners = Listeners([failing, other])
    listeners.start(STARTED)
    listeners.tell(EpochDone(4, {}))
    assert other.heard == [Started, EpochDone]
    assert "epoch 4: OSError: disk full" in caplog.text


def test_who_is_told_of_the_end_after_an_error_is_told_that_the_run_failed() -> None:
    told: list[Event] = []
    listeners = Listeners([Ear(Ended), told.append])
    listeners.start(STARTED)
    listeners.end(Ended("FINISHED"))
    assert isinstance(told[-1], Ended)
    assert (told[-1].status, str(told[-1].error)) == ("FAILED", "disk full")


def test_the_end_is_told_to_all_and_their_errors_are_given_back() -> None:
    failing, other = Ear(Ended), Ear()
    listeners = Listeners([failing, other])
    listeners.start(STARTED)
    (error,) = listeners.end(Ended("FINISHED"))
    assert str(error) == "disk full"
    assert other.heard == [Started, Ended]
