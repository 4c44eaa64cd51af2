"""Data is read once for runs that share it."""

from __future__ import annotations

import pytest

from nnexp.data import cache
from nnexp.data.cache import LastLoaded, read_for_all
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist


@pytest.fixture(autouse=True)
def nothing_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_planned", {})


def test_data_is_read_once_for_runs_that_share_it_and_anew_for_others() -> None:
    load = LastLoaded()
    first = load(Digits())
    assert load(Digits()) is first
    assert load(Mnist()).name == "mnist"
    assert load(Digits()) is not first


def test_what_a_plan_has_read_is_not_read_again() -> None:
    (planned,) = read_for_all([Digits(), Digits()]).values()
    assert LastLoaded()(Digits()) is planned


def test_what_an_earlier_plan_has_read_is_let_go() -> None:
    (before,) = read_for_all([Digits()]).values()
    read_for_all([Mnist()])
    assert LastLoaded()(Digits()) is not before
