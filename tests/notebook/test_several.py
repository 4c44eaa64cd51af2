"""What Python's searches refuse before anything is read."""

from __future__ import annotations

import pytest

import nnexp
from nnexp.errors import ConfigError


@pytest.mark.parametrize("sampler", ["bayes", "none"])
def test_a_search_names_the_samplers_that_search(sampler: str) -> None:
    with pytest.raises(ConfigError) as caught:
        nnexp.search(sampler, trials=3, eta=nnexp.interval(0.1, 1))
    assert str(caught.value) == f"sampler: got {sampler!r}, expected one of cmaes, gp, grid, nsga2, qmc, random, tpe"
