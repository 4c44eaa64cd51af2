"""The digits that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from nnexp.data.sources.digits import Digits


def test_digits_are_scikit_learns_in_its_order_and_scaled_to_one() -> None:
    from sklearn.datasets import load_digits

    values, expected = load_digits(return_X_y=True)
    data = Digits().load()
    parts = (data.train, data.validation, data.test)
    assert [len(part) for part in parts] == [1197, 300, 300]
    assert (data.name, data.shape, data.classes) == ("digits", (8, 8), 10)
    assert {(part.x.dtype.name, part.scale) for part in parts} == {("uint8", 1 / 16)}
    np.testing.assert_array_equal(np.concatenate([part.x for part in parts]), values)
    np.testing.assert_array_equal(np.concatenate([part.y for part in parts]), expected)


def test_digits_have_the_same_hash_each_time() -> None:
    assert Digits().load().sha256 == "65e5b4619795efb40c1082f4c350c049e4ad552200d369b6ae99e21eef5e72c5"
