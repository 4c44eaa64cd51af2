"""The end of a training, from the loop to everyone who listens."""

from __future__ import annotations

import signal

import pytest
from training import Ear, Steps

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.runner.training_loop import follow
from nnexp.runtime.signals import Interrupted, Interrupts
from nnexp.train.events import Ended, Event, Started
from nnexp.train.listeners import Listeners


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


class Signalled:
    """A listener that gets SIGTERM while it hears of the end."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Ended):
            signal.raise_signal(signal.SIGTERM)
            self.heard.append(event.status)


def test_a_signal_while_the_end_is_told_waits_until_all_have_heard_it_once(digits: Dataset) -> None:
    first, second = Signalled(), Signalled()
    started = Started(Network([64, 10], rng=0), digits, 1)
    with pytest.raises(Interrupted), Interrupts() as interrupts:
        follow(Steps(epochs=1), started, Listeners([first, second]), interrupts)
    assert (first.heard, second.heard) == (["FINISHED"], ["FINISHED"])


def test_a_signal_while_a_failure_is_told_waits_until_all_have_heard_it(digits: Dataset) -> None:
    first, second = Signalled(), Signalled()
    started = Started(Network([64, 10], rng=0), digits, 1)
    with pytest.raises(Interrupted), Interrupts() as interrupts:
        follow(Steps(epochs=1), started, Listeners([first, second, Ear(Started)]), interrupts)
    assert (first.heard, second.heard) == (["FAILED"], ["FAILED"])


def test_an_error_at_the_end_is_the_error_of_the_run(digits: Dataset) -> None:
    started = Started(Network([64, 10], rng=0), digits, 1)
    with pytest.raises(OSError, match="disk full"):
        follow(Steps(epochs=1), started, Listeners([Ear(Ended)]), Interrupts())
