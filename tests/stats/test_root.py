"""Where a function crosses zero."""

from __future__ import annotations

from math import cos, pi

import pytest

from nnexp.stats.root import root


def test_a_root_is_found_to_the_last_bit() -> None:
    assert root(lambda x: x * x - 2, 0.0, 2.0) == pytest.approx(2**0.5, rel=1e-15)


def test_of_a_function_that_falls_too() -> None:
    assert root(cos, 0.0, 3.0) == pytest.approx(pi / 2, rel=1e-15)
