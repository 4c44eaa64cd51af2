"""What is done before workers are forked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from configs import config

from nnexp.config.schema import Config
from nnexp.config.sweep_settings import Membership
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.runner.job import Job
from nnexp.sweeps.warm_up import warm_up

DIGITS = ("data=digits", "sizes=[64,7,10]")


class Expecting:
    """A store that notes what it is to expect."""

    def __init__(self) -> None:
        self.expected: list[tuple[int, int, str]] = []

    def expect(self, network: Network, examples: Examples) -> None:
        self.expected.append((network.sizes[0], network.sizes[-1], network.dtype.name))
        assert examples.x.shape[1] == network.sizes[0]


def expected(*configs: Config) -> list[tuple[int, int, str]]:
    """What a store is told of jobs with these configurations, after the warm-up."""
    store: Any = Expecting()
    jobs = [Job(each, Membership("a sweep", ("eta",)), str(number)) for number, each in enumerate(configs)]
    warm_up(jobs, {repr(each.data): each.data.load() for each in configs}, store)
    return list(store.expected)


def test_the_machine_code_of_a_job_is_there_afterwards() -> None:
    from nnexp.nn.compiled.loop import outputs, train

    job = config(*DIGITS)
    expected(job)
    ready = [dict(function.overloads) for function in (train, outputs)]
    dataset = job.data.load()
    network = Network([64, 7, 10], engine=job.engine, dtype=job.dtype, rng=0)
    network.train_epoch(dataset.train, network.rng.permutation(len(dataset.train)), 9, 0.5)
    network.evaluate(dataset.test)
    assert [dict(function.overloads) for function in (train, outputs)] == ready


def test_jobs_of_the_same_arithmetic_are_prepared_once() -> None:
    one = config(*DIGITS)
    assert expected(one, replace(one, seed=1), replace(one, eta=0.1)) == [(64, 10, "float32")]


def test_jobs_of_another_arithmetic_are_prepared_too() -> None:
    one = config(*DIGITS)
    assert expected(one, replace(one, dtype="float64")) == [(64, 10, "float32"), (64, 10, "float64")]


def test_a_job_that_can_not_be_prepared_stops_nothing() -> None:
    bad, good = config(*DIGITS, "eta=1e38"), config(*DIGITS, "dtype=float64")
    assert (64, 10, "float64") in expected(bad, good)


def test_a_bug_in_a_part_of_one_job_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tanh, "value", lambda self, z: z.nothing)
    bad, good = config(*DIGITS, "activation=tanh"), config(*DIGITS)
    assert expected(bad, good) == [(64, 10, "float32")]


def test_no_job_changes_by_it() -> None:
    job = config(*DIGITS)
    before = repr(job)
    expected(job)
    assert repr(job) == before


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_dataset_is_left_as_it_was(engine: str) -> None:
    job = config(*DIGITS, f"engine={engine}")
    dataset = job.data.load()
    before = dataset.train.x.tobytes()
    warm_up([Job(job, Membership("a sweep", ()), "key")], {repr(job.data): dataset}, None)
    assert dataset.train.x.tobytes() == before
