"""Products of few rows, against numpy's in float64: whole tiles, what is left of them, several blocks of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from nnexp.nn.compiled import tiles

SIZES = [(1, 5, 3), (10, 784, 30), (7, 33, 9), (12, 401, 11), (23, 816, 17), (63, 1300, 6), (5, 16, 2)]
WITHIN = {np.float32: 1e-4, np.float64: 1e-12}
NUMBERS = [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)]  # code is compiled for each


@njit
def dot_products(a: Any, w: Any, b: Any, z: Any) -> None:
    tiles.dot_products(a, w, b, z)


@njit
def add_product(left: Any, right: Any, beta: Any, c: Any) -> None:
    tiles.add_product(left, right, beta, c)


def numbers(*shape: int) -> Any:
    return np.random.default_rng(shape).standard_normal(shape)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("m", "x", "y"), SIZES)
def test_each_example_gets_the_weighted_sum_of_its_inputs(m: int, x: int, y: int, number: type) -> None:
    a, w, b = (array.astype(number) for array in (numbers(m, x), numbers(y, x), numbers(y)))
    z = np.full((m, y), np.nan, number)
    dot_products(a, w, b, z)
    np.testing.assert_allclose(z, a.astype(float) @ w.T.astype(float) + b, atol=WITHIN[number])


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("m", "x", "y"), SIZES)
def test_a_product_is_added_to_a_part_of_what_was_there(m: int, x: int, y: int, number: type, beta: float) -> None:
    left, right, before = (array.astype(number) for array in (numbers(y, m), numbers(m, x), numbers(y, x)))
    c = before.copy()
    add_product(left, right, number(beta), c)
    np.testing.assert_allclose(c, left.astype(float) @ right.astype(float) + beta * before, atol=WITHIN[number])


def test_nothing_is_left_of_numbers_that_count_nothing() -> None:
    c = np.full((6, 21), np.nan, np.float32)
    add_product(np.ones((6, 3), np.float32), np.ones((3, 21), np.float32), np.float32(0), c)
    assert np.all(c == 3)
