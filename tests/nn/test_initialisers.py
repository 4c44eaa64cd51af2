"""First weights: shapes, order of drawing, spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnexp.nn.arrays import Array
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian

FLOAT64, FLOAT32 = np.dtype("float64"), np.dtype("float32")


def draw(
    init: Initialiser, sizes: list[int], seed: int = 0, dtype: np.dtype[Any] = FLOAT64
) -> tuple[list[Array], list[Array]]:
    return init.draw(sizes, np.random.default_rng(seed), dtype)


@pytest.mark.parametrize("kind", Initialiser.kinds())
def test_there_are_a_bias_column_and_a_weight_matrix_for_each_layer_after_the_input(kind: str) -> None:
    biases, weights = draw(Initialiser.named(kind), [5, 4, 3])
    assert [b.shape for b in biases] == [(4, 1), (3, 1)]
    assert [w.shape for w in weights] == [(4, 5), (3, 4)]


def test_gaussian_draws_in_the_articles_order_all_biases_then_all_weights() -> None:
    biases, weights = draw(Gaussian(), [5, 4, 3])
    rng = np.random.default_rng(0)
    expected = [rng.standard_normal(shape) for shape in ((4, 1), (3, 1), (4, 5), (3, 4))]
    assert all(np.array_equal(a, b) for a, b in zip([*biases, *weights], expected, strict=True))


def test_scaled_gaussian_divides_the_same_weights_by_the_root_of_the_inputs() -> None:
    (_, plain), (_, scaled) = draw(Gaussian(), [16, 4, 3]), draw(ScaledGaussian(), [16, 4, 3])
    np.testing.assert_allclose(scaled[0], plain[0] / 4, rtol=1e-15)
    np.testing.assert_allclose(scaled[1], plain[1] / 2, rtol=1e-15)


def test_scaled_gaussian_leaves_the_biases_alone() -> None:
    (plain, _), (scaled, _) = draw(Gaussian(), [16, 4, 3]), draw(ScaledGaussian(), [16, 4, 3])
    assert all(np.array_equal(a, b) for a, b in zip(plain, scaled, strict=True))


@pytest.mark.parametrize(("init", "spread"), [(Gaussian(), 1.0), (ScaledGaussian(), 0.05)])
def test_weights_are_around_0_with_the_promised_spread(init: Initialiser, spread: float) -> None:
    _, (w,) = draw(init, [400, 500])  # of 200,000 numbers mean and spread are off by less than 1 %
    assert w.std() == pytest.approx(spread, rel=0.01)
    assert abs(w.mean()) < 0.01 * spread


@pytest.mark.parametrize("kind", Initialiser.kinds())
def test_float32_is_the_same_network_rounded(kind: str) -> None:
    init = Initialiser.named(kind)
    for wide, narrow in zip(draw(init, [5, 4, 3]), draw(init, [5, 4, 3], dtype=FLOAT32), strict=True):
        assert [a.dtype for a in narrow] == [FLOAT32, FLOAT32]
        assert all(np.array_equal(a.astype(FLOAT32), b) for a, b in zip(wide, narrow, strict=True))


def test_another_seed_draws_other_numbers() -> None:
    (_, (w,)), (_, (v,)) = draw(Gaussian(), [5, 4], seed=0), draw(Gaussian(), [5, 4], seed=1)
    assert np.all(w != v)


def test_an_unknown_initialiser_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="init: got 'zeros', expected one of gaussian, scaled_gaussian"):
        Initialiser.named("zeros")


@pytest.mark.parametrize("kind", Initialiser.kinds())
def test_it_is_scaled_if_more_inputs_have_smaller_weights(kind: str) -> None:
    init = Initialiser.named(kind)
    assert init.scaled == (init.spread(100) < init.spread(1))
