"""The compiled functions of a number, against numpy's in a longer type."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
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


LAST_DIGITS = """
import hashlib, sys
import numpy as np
from numba import njit
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.compiled import elementary
from nnexp.nn.engines.compiled import Compiled
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network

@njit
def other(x):
    return elementary.tanh(x)

if sys.argv[1] == "other first":
    other(np.float32(1))
inputs = np.random.default_rng(0).integers(0, 256, (100, 4), np.uint8)
network = Network([4, 30, 3], activation=Tanh(), engine=Compiled(), rng=0)
print(hashlib.sha256(network.outputs(Examples(inputs, np.zeros(100, int), 1 / 50))).hexdigest())
"""


@pytest.mark.slow
def test_the_last_digits_do_not_depend_on_who_has_called_a_function_first(tmp_path: Path) -> None:
    said = set()
    for order, folder in (("other first", {"NUMBA_CACHE_DIR": str(tmp_path)}), ("network first", {})):
        command = [sys.executable, "-c", LAST_DIGITS, order]
        done = subprocess.run(command, env=os.environ | folder, check=True, capture_output=True, text=True)
        said.add(done.stdout)
    assert len(said) == 1
