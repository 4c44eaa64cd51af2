"""The compiled functions of a number, against numpy's in a longer type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit

from nnexp.nn.compiled import elementary

X = np.concatenate([np.linspace(-20, 20, 2001), *(sign * np.logspace(-8, 1, 200) for sign in (-1, 1))])
FUNCTIONS = ["exp", "expm1", "tanh"]
DTYPES = ["float32", "float64"]


def over(name: str) -> Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    function = getattr(elementary, name)

    @njit
    def each(x: Any) -> Any:
        y = np.empty_like(x)
        for i in range(len(x)):
            y[i] = function(x[i])
        return y

    compiled: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]] = each
    return compiled


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_right_to_three_units_in_the_last_place(name: str, dtype: str) -> None:
    x = X.astype(dtype)
    exact = getattr(np, name)(x.astype(np.longdouble))
    assert np.all(np.abs(over(name)(x) - exact) <= 3 * np.spacing(np.abs(exact).astype(dtype)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "expected"),
    [("exp", [0, np.inf, np.nan, 1]), ("expm1", [-1, np.inf, np.nan, 0]), ("tanh", [-1, 1, np.nan, 0])],
)
def test_a_function_at_its_ends_and_of_no_number(name: str, expected: list[float], dtype: str) -> None:
    x = np.array([-np.inf, np.inf, np.nan, 0], dtype)
    np.testing.assert_allclose(over(name)(x), expected, atol=1e-37)


def test_the_sign_is_that_of_numpy() -> None:
    x = np.array([-2.5, 0, 3, np.nan])
    np.testing.assert_array_equal(over("sign")(x), np.sign(x))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_larger_and_the_smaller_of_two_are_nan_where_one_is(name: str) -> None:
    function = getattr(elementary, name)
    pairs = [(1.0, 2.0), (2.0, 1.0), (np.nan, 1.0), (1.0, np.nan)]
    np.testing.assert_array_equal([function(*pair) for pair in pairs], [getattr(np, name)(*pair) for pair in pairs])
