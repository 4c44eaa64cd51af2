"""Training: the events of the loop, the rule for listeners, signals, progress."""

from __future__ import annotations

import io
import itertools
import logging
import re
import signal
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from configs import config
from rich.console import Console

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.errors import Diverged
from nnexp.nn.activations.relu import Relu
from nnexp.nn.costs.base import Cost
from nnexp.nn.examples import Examples
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.network import Network
from nnexp.runner.one_run import follow, new_network
from nnexp.runner.result import Result, result_line
from nnexp.runtime.signals import Interrupted, Interrupts
from nnexp.train.events import Ended, EpochDone, Event, Started
from nnexp.train.history import History
from nnexp.train.listeners import Listeners
from nnexp.train.progress import Bar, Lines, in_words
from nnexp.train.timing import seconds_per_epoch
from nnexp.train.trainer import epoch_order, train


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def trained(dataset: Dataset, seed: int = 0, epochs: int = 3) -> tuple[Network, list[EpochDone]]:
    network = Network([64, 10, 10], rng=[seed, 0])
    return network, list(train(network, dataset, epochs=epochs, mini_batch_size=10, eta=3.0, seed=seed))


# The loop.


def test_there_is_an_event_for_the_untrained_network_and_one_for_each_epoch(digits: Dataset) -> None:
    _, events = trained(digits)
    assert [event.epoch for event in events] == [0, 1, 2, 3]


def test_the_untrained_network_has_accuracies_alone(digits: Dataset) -> None:
    _, events = trained(digits, epochs=1)
    assert set(events[0].metrics) == {"test_accuracy", "validation_accuracy"}
    assert events[0].metrics["test_accuracy"] < 0.3


def test_the_metrics_of_an_epoch_are_measured_on_the_network_as_it_is_then(digits: Dataset) -> None:
    network, events = trained(digits)
    metrics = events[-1].metrics
    assert metrics["test_accuracy"] == network.evaluate(digits.test) / 300
    assert metrics["validation_accuracy"] == network.evaluate(digits.validation) / 300


def test_seconds_come_from_the_clock_that_is_given(digits: Dataset) -> None:
    ticks = itertools.count(0, 2.0)  # an epoch reads it three times: at its start, when trained, when evaluated
    network = Network([64, 10, 10], rng=0)
    events = train(network, digits, epochs=1, mini_batch_size=10, eta=3.0, seed=0, clock=lambda: next(ticks))
    *_, last = events
    assert last.metrics["epoch_seconds"] == 4.0
    assert last.metrics["examples_per_second"] == 1197 / 2.0


def test_the_same_seed_gives_the_same_weights_bit_for_bit_and_another_seed_others(digits: Dataset) -> None:
    first, again, other = (trained(digits, seed)[0].weights[0].tobytes() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_order_of_an_epoch_is_a_permutation_that_depends_on_seed_and_epoch_alone() -> None:
    order = epoch_order(seed=3, epoch=2, n=100)
    assert sorted(order) == list(range(100))
    np.testing.assert_array_equal(order, epoch_order(3, 2, 100))
    assert (order != epoch_order(3, 1, 100)).any()
    assert (order != epoch_order(2, 2, 100)).any()


def test_the_order_of_an_epoch_is_made_from_seed_1_and_epoch() -> None:
    np.testing.assert_array_equal(epoch_order(3, 2, 100), np.random.default_rng([3, 1, 2]).permutation(100))


def test_the_first_weights_are_made_from_seed_and_0() -> None:
    new = new_network(config("sizes=[784,10]", "seed=5"))
    assert new.fingerprint() == Network([784, 10], init=ScaledGaussian(), dtype="float32", rng=[5, 0]).fingerprint()


def test_a_network_that_has_epoch_0_behind_it_goes_on_with_epoch_1(digits: Dataset) -> None:
    network = Network([64, 10, 10], rng=0)
    events = train(network, digits, epochs=1, mini_batch_size=10, eta=3.0, seed=0, done=0)
    assert [event.epoch for event in events] == [1]


def test_divergence_stops_at_once_and_says_what_to_try(digits: Dataset) -> None:
    network = Network([64, 10, 10], activation=Relu(), rng=0)
    events = train(network, digits, epochs=9, mini_batch_size=10, eta=1e30, seed=0)
    assert next(events).epoch == 0
    with pytest.raises(Diverged, match=r"diverged in epoch 1: .* not finite. Try a smaller eta \(it was 1e\+30\)"):
        next(events)


# History.


def test_validation_chooses_the_first_of_several_epochs_that_are_equal() -> None:
    history = History()
    for epoch, (validation, test) in enumerate([(0.1, 0.1), (0.9, 0.7), (0.8, 0.8), (0.9, 0.9)]):
        history(EpochDone(epoch, {"validation_accuracy": validation, "test_accuracy": test}))
    assert history.chosen is history.epochs[1]


def test_a_run_ends_with_the_test_accuracy_that_validation_has_chosen_whatever_was_better_on_test() -> None:
    history = History()
    for epoch, (validation, test) in enumerate([(0.1, 0.1), (0.9, 0.7), (0.8, 0.95), (0.8, 0.8)]):
        history(EpochDone(epoch, {"validation_accuracy": validation, "test_accuracy": test}))
    told = "test accuracy 70.00 % in epoch 1, the best on validation (90.00 %)"
    assert result_line(history) == f"{told}; 80.00 % in epoch 3, the last"
    history.epochs[2:] = []
    assert result_line(history) == f"{told} and the last"


def test_the_history_of_a_run_that_goes_on_begins_with_what_is_past() -> None:
    history = History()
    past = [EpochDone(epoch, {}) for epoch in range(2)]
    history(Started(None, None, 2, past))  # type: ignore[arg-type]  # it looks at the past alone
    history(EpochDone(2, {}))
    assert [event.epoch for event in history.epochs] == [0, 1, 2]


def test_a_curve_leaves_out_epochs_that_lack_the_metric() -> None:
    history = History()
    history(EpochDone(0, {"test_accuracy": 0.1}))
    history(EpochDone(1, {"test_accuracy": 0.9, "train_cost": 0.5}))
    assert history.curve("train_cost") == ([1], [0.5])


# Listeners.


class Ear:
    """A listener that keeps what it hears, and raises where it is told to."""

    def __init__(self, *raise_at: type) -> None:
        self.heard: list[type] = []
        self.raise_at = raise_at

    def __call__(self, event: Event) -> None:
        self.heard.append(type(event))
        if type(event) in self.raise_at:
            raise OSError("disk full")


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


# Signals.


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


# The end, from the loop to everyone who listens.


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
        follow(config("epochs=1"), started, Listeners([first, second]), interrupts)
    assert (first.heard, second.heard) == (["FINISHED"], ["FINISHED"])


def test_a_signal_while_a_failure_is_told_waits_until_all_have_heard_it(digits: Dataset) -> None:
    first, second = Signalled(), Signalled()
    started = Started(Network([64, 10], rng=0), digits, 1)
    with pytest.raises(Interrupted), Interrupts() as interrupts:
        follow(config("epochs=1"), started, Listeners([first, second, Ear(Started)]), interrupts)
    assert (first.heard, second.heard) == (["FAILED"], ["FAILED"])


def test_an_error_at_the_end_is_the_error_of_the_run(digits: Dataset) -> None:
    started = Started(Network([64, 10], rng=0), digits, 1)
    with pytest.raises(OSError, match="disk full"):
        follow(config("epochs=1"), started, Listeners([Ear(Ended)]), Interrupts())


def test_the_objective_is_the_best_accuracy_on_validation() -> None:
    history = History()
    for epoch, accuracy in enumerate([0.1, 0.8, 0.7]):
        history(EpochDone(epoch, {"validation_accuracy": accuracy, "test_accuracy": 0.9}))
    assert Result(Network([64, 10], rng=0), history).objective == 0.8


# Progress.


DONE = EpochDone(
    7, {"test_accuracy": 0.9712, "validation_accuracy": 0.973, "train_cost": 0.01234, "epoch_seconds": 0.311}
)


def test_an_epoch_in_words() -> None:
    assert in_words(DONE) == "test 97.12 %  validation 97.30 %  cost 0.0123  0.31 s"


def test_a_line_tells_the_epoch_of_how_many(caplog: pytest.LogCaptureFixture) -> None:
    lines = Lines(logging.INFO)
    with caplog.at_level(logging.INFO):
        lines(Started(None, None, 30))  # type: ignore[arg-type]  # it looks at the number of epochs alone
        lines(DONE)
    assert caplog.messages == [f"epoch  7/30  {in_words(DONE)}"]


def test_the_bar_shows_epochs_accuracies_and_the_time_left() -> None:
    screen = io.StringIO()
    bar = Bar(Console(file=screen, force_terminal=True, width=120))
    bar(Started(None, None, 30))  # type: ignore[arg-type]  # it looks at the number of epochs alone
    bar(DONE)
    bar(Ended("FINISHED"))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert "epoch  7/30" in shown
    assert "test 97.12 %  validation 97.30 %" in shown
    assert re.search(r"\d:\d\d:\d\d|-:--:--", shown)


def test_a_cost_that_explodes_while_all_numbers_are_finite_is_divergence(digits: Dataset) -> None:
    network = Network([64, 10, 10], cost=Cost.named("cross_entropy"), rng=0)
    with pytest.raises(Diverged, match=r"the cost is .*, and a network that knows nothing has 6.93"):
        list(train(network, digits, epochs=3, mini_batch_size=10, eta=1000.0, seed=0))


def test_steps_that_are_too_small_for_any_weight_ask_for_a_larger_eta(digits: Dataset) -> None:
    network = Network([64, 10, 10], dtype="float64", rng=0)
    with pytest.raises(Diverged, match=r"no step is large enough to change .*\. Try a larger eta \(it was 1e-60\)"):
        list(train(network, digits, epochs=1, mini_batch_size=10, eta=1e-60, seed=0))


def test_saturated_units_ask_for_a_smaller_eta_and_for_nothing_that_is_so_already(digits: Dataset) -> None:
    network = Network([64, 10, 10], rng=0)
    with pytest.raises(Diverged, match=r"no weight moves any more.* Try a smaller eta \(it was 100000\)\.$"):
        list(train(network, digits, epochs=9, mini_batch_size=10, eta=1e5, seed=0))


def test_inputs_that_are_not_scaled_are_told_first(digits: Dataset) -> None:
    large = replace(digits, train=Examples(digits.train.x.astype(np.float32) * 1e30, digits.train.y, 1.0))
    network = Network([64, 10, 10], activation=Relu(), init=Gaussian(), rng=0)
    advice = (
        r"Try inputs from 0 to 1 \(the largest is 1.6e\+31\) or a smaller eta \(it was 3\) or "
        r"init=scaled_gaussian or a bounded activation such as sigmoid\."
    )
    with pytest.raises(Diverged, match=advice):
        list(train(network, large, epochs=9, mini_batch_size=10, eta=3.0, seed=0))


def test_the_pace_is_of_a_whole_epoch_and_its_evaluation(digits: Dataset) -> None:
    """Every look at the clock takes a second: one part of 500 examples is trained, in three, and one is evaluation."""
    seconds = itertools.count(0.0)
    network = Network([64, 10, 10], rng=0)
    pace = seconds_per_epoch(network, digits, 10, seconds=2, clock=lambda: next(seconds))
    assert pace == pytest.approx(3 / 500 * len(digits.train) + 1)
