"""A step: what of it BLAS does, and what is left to numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnexp.nn.descent import G, split
from nnexp.nn.formula import Operation, traced
from nnexp.nn.optimisers.momentum import Momentum
from nnexp.nn.optimisers.sgd import Sgd


def test_all_of_plain_gradient_descent_is_one_product() -> None:
    # w, g at the places 0, 1: w - 3 g
    found = split(traced(lambda w, g: Sgd().step(w, g, 3.0, 1.0), 2))
    assert found[:3] == (0, 1.0, 3.0)
    assert found[3].operations == {}
    assert found[3].results == (0,)


def test_shrunken_weights_are_beta_of_the_product() -> None:
    found = split(traced(lambda w, g: Sgd().step(w, g, 3.0, 0.75), 2))
    assert found[:3] == (0, 0.75, 3.0)
    assert found[3].operations == {}


def test_momentum_leaves_the_sum_of_weight_and_velocity_to_numpy() -> None:
    # w, g, v at the places 0, 1, 2: 0.9 v - 3 g by BLAS, then w + v
    found = split(traced(lambda w, g, v: Momentum(momentum=0.9).step(w, g, 3.0, 1.0, v), 3))
    assert found[:3] == (2, 0.9, 3.0)
    assert list(found[3].operations.values()) == [Operation(np.add, (0, 2))]
    assert found[3].results[1] == 2


@pytest.mark.parametrize(
    "rule",
    [
        lambda w, g, v: (w - 3 * g - g * g, v),  # g is read twice
        lambda w, g, v: (w - 3 * g + w * w, v),  # so is w
        lambda w, g, v: (v - 3 * g, v),  # v has to stay
        lambda w, g, v: (w - g / 3, v),
        lambda w, g, v: (3 * g - w, v),
        lambda w, g, v: (w + 3 * g, v),
        lambda w, g, v: (v * v - 3 * g, v + 1),
        lambda w, g, v: Momentum(nesterov=True).step(w, g, 3.0, 1.0, v),
    ],
)
def test_a_gradient_that_comes_in_otherwise_is_left_to_numpy(rule: Callable[..., Any]) -> None:
    formula = traced(rule, 3)
    assert split(formula) == (G, 0.0, -1.0, formula)
