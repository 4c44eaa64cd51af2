"""The article's functions to load MNIST."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnexp.data.article import load_data, load_data_wrapper, one_hot_encode
from nnexp.data.sources.mnist import Mnist
from nnexp.errors import DataError


def write_pickle(path: Path, side: Any = 28) -> Any:
    """A small file in the article's format, and what it holds."""
    rng = np.random.default_rng(0)
    parts = tuple((rng.random((n, side * side), np.float32), np.arange(n)) for n in (8, 4, 3))
    path.write_bytes(gzip.compress(pickle.dumps(parts, 2)))
    return parts


def test_load_data_gives_the_articles_three_tuples() -> None:
    data = load_data()
    assert [(x.shape, y.shape) for x, y in data] == [((n, 784), (n,)) for n in (50_000, 10_000, 10_000)]
    assert {(x.dtype.name, y.dtype.name) for x, y in data} == {("float32", "int64")}


@pytest.mark.slow
def test_load_data_gives_the_bundled_digits_as_pixels_divided_by_256() -> None:
    bundled = Mnist().load()
    parts = (bundled.train, bundled.validation, bundled.test)
    for (x, y), part in zip(load_data(), parts, strict=True):
        np.testing.assert_array_equal(x * 256, part.x)
        np.testing.assert_array_equal(y, part.y)


def test_load_data_reads_a_file_of_the_articles(tmp_path: Path) -> None:
    parts = write_pickle(tmp_path / "x.pkl.gz")
    for found, expected in zip(load_data(tmp_path / "x.pkl.gz"), parts, strict=True):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_load_data_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.pkl\.gz: is not there"):
        load_data(tmp_path / "gone.pkl.gz")


def test_one_hot_encode_gives_a_column_with_a_one_at_the_digit() -> None:
    np.testing.assert_array_equal(one_hot_encode(2).T, [[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]])
    assert one_hot_encode(9).shape == (10, 1)


@pytest.mark.parametrize("y", [-1, 10])
def test_one_hot_encode_refuses_what_is_no_digit(y: Any) -> None:
    with pytest.raises(ValueError, match=f"y: got {y}, expected 0 to 9"):
        one_hot_encode(y)


def test_load_data_wrapper_gives_lists_of_pairs_of_columns(tmp_path: Path) -> None:
    parts = write_pickle(tmp_path / "x.pkl.gz")
    found = load_data_wrapper(tmp_path / "x.pkl.gz")
    assert [(type(part), len(part)) for part in found] == [(list, 8), (list, 4), (list, 3)]
    x, y = found[0][5]
    assert (x.shape, y.shape) == ((784, 1), (10, 1))
    np.testing.assert_array_equal(x[:, 0], parts[0][0][5])
    assert y.argmax() == 5


def test_load_data_wrapper_gives_the_bundled_digits_too() -> None:
    training, validation, test = load_data_wrapper()
    assert (len(training), len(validation), len(test)) == (50_000, 10_000, 10_000)
    assert [int(y.argmax()) for _, y in training[:5]] == [5, 0, 4, 1, 9]
