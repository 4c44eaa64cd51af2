"""Data is read once for runs that share it."""

from __future__ import annotations

from nnexp.data.cache import LastLoaded
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist


def test_data_is_read_once_for_runs_that_share_it_and_anew_for_others() -> None:
    load = LastLoaded()
    first = load(Digits())
    assert load(Digits()) is first
    assert load(Mnist()).name == "mnist"
    assert load(Digits()) is not first
