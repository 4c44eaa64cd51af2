"""Standardised inputs: what is fitted, that both engines apply it, and that it goes wherever the network goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from configs import config
from sklearn.preprocessing import StandardScaler

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.errors import DataError
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.standardisation import Standardisation, fitted
from nnexp.nn.weights_file import load, read, save, write
from nnexp.runner.preparation import data_for, new_network
from nnexp.tracking.mlflow.pyfunc_loader import ServedNetwork

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(5, 3, (2500, 3)), np.full((2500, 1), 0.1)], axis=1).astype(np.float32)
TABLE = Examples(X, np.arange(2500) % 3)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def network(standardisation: Standardisation | None, engine: str = "numpy", dtype: str = "float64") -> Network:
    parts = {"engine": Engine.named(engine), "dtype": dtype}
    return Network([4, 6, 3], standardisation=standardisation, rng=0, **parts)  # type: ignore[arg-type]


def test_each_value_is_standardised_as_scikit_learn_does_it() -> None:
    rows = X.astype(np.float64)
    fitted(TABLE, each=True)(rows)
    np.testing.assert_allclose(rows, StandardScaler().fit_transform(X.astype(np.float64)), atol=1e-9)


def test_pixels_all_have_the_mean_and_the_deviation_of_all() -> None:
    rows = X.astype(np.float64) * 0.5
    fitted(replace(TABLE, scale=0.5), each=False)(rows)
    assert (rows.mean(), rows.std()) == pytest.approx((0, 1), abs=1e-9)
    np.testing.assert_allclose(rows, (X - X.mean(dtype=float)) / X.std(dtype=float), atol=1e-9)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_network_that_standardises_is_one_whose_inputs_are_standardised(engine: str) -> None:
    table = replace(TABLE, x=X.astype(np.float64))
    done = fitted(table, each=True)
    rows = table.x.copy()
    done(rows)
    inside, outside = network(done, engine), network(None, engine)
    order = np.arange(2500)
    assert inside.train_epoch(table, order, 10, 0.5) == outside.train_epoch(replace(table, x=rows), order, 10, 0.5)
    assert inside.fingerprint() == outside.fingerprint()
    np.testing.assert_array_equal(inside.outputs(table), outside.outputs(replace(table, x=rows)))


def test_the_articles_methods_standardise_too_and_leave_their_arguments() -> None:
    inside, outside, done = network(fitted(TABLE, each=True)), network(None), fitted(TABLE, each=True)
    given, rows, y = X[:5].T.astype(np.float64).copy(), X[:5].astype(np.float64), np.eye(3, 5)
    before = given.copy()
    done(rows)
    np.testing.assert_array_equal(inside.feedforward(given), outside.feedforward(rows.T))
    np.testing.assert_array_equal(inside.backprop(given, y)[1][0], outside.backprop(rows.T, y)[1][0])
    np.testing.assert_array_equal(given, before)


def test_the_file_keeps_it_and_a_served_network_applies_it(tmp_path: Path) -> None:
    saved = network(fitted(TABLE, each=True), dtype="float32")
    save(saved, tmp_path / "a.npz")
    np.testing.assert_array_equal(ServedNetwork(load(tmp_path / "a.npz")).predict(X), saved.outputs(TABLE))


def test_the_file_of_a_network_that_does_not_is_what_it_was(tmp_path: Path) -> None:
    save(network(None), tmp_path / "a.npz")
    assert not [name for name in read(tmp_path / "a.npz") if name.startswith("input")]
    assert len(load(tmp_path / "a.npz").standardise.mean) == 0


@pytest.mark.parametrize("wrong", [np.zeros(3), np.full(4, np.nan)])
def test_a_file_whose_mean_does_not_fit_is_refused(
    tmp_path: Path, wrong: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    save(network(fitted(TABLE, each=True)), tmp_path / "a.npz")
    write(tmp_path / "a.npz", read(tmp_path / "a.npz") | {"input_mean": wrong})
    with pytest.raises(DataError, match="standardisation: got"):
        load(tmp_path / "a.npz")


def test_it_is_fitted_on_the_training_examples_that_are_used(digits: Dataset) -> None:
    settings = config("data=digits", "sizes=[64,10]", "train_size=100", "standardise=true")
    used = data_for(settings, digits)
    pixels = used.train.x * used.train.scale
    found = new_network(settings, used).standardise
    np.testing.assert_allclose(found.mean, pixels.mean(), rtol=1e-6)
    np.testing.assert_allclose(found.factor, 1 / pixels.std(), rtol=1e-6)
