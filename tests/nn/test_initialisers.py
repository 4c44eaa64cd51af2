"""First weights: shapes, order of drawing, spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.initialisers.gaussian import Gaussian
from nnexp.nn.initialisers.glorot import Glorot
from nnexp.nn.initialisers.he import He
from nnexp.nn.initialisers.lecun import LeCun
from nnexp.nn.initialisers.orthogonal import Orthogonal
from nnexp.nn.initialisers.scaled_gaussian import ScaledGaussian
from nnexp.nn.initialisers.zeros import Zeros
from nnexp.nn.network import Network

DISTRIBUTIONS = ("normal", "uniform")
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


VARIANCES: list[tuple[Initialiser, float, float]] = [  # of the weights of 400 inputs and 500 units, and of the biases
    (Gaussian(), 1, 1),
    (ScaledGaussian(), 1 / 400, 1),
    *((Glorot(distribution=each), 2 / 900, 0) for each in DISTRIBUTIONS),
    *((He(distribution=each), 2 / 400, 0) for each in DISTRIBUTIONS),
    *((LeCun(distribution=each), 1 / 400, 0) for each in DISTRIBUTIONS),
    (Orthogonal(), 1 / 500, 0),  # 400 columns of the length 1
    (Orthogonal(gain=3), 9 / 500, 0),
    (Zeros(), 0, 0),
]


def name_of(each: Initialiser | float) -> str:
    return "-".join(map(str, [each.kind, *each.settings.values()])) if isinstance(each, Initialiser) else ""


@pytest.mark.parametrize(("init", "weights", "biases"), VARIANCES, ids=name_of)
def test_weights_and_biases_are_around_0_with_their_variances(init: Initialiser, weights: float, biases: float) -> None:
    (b,), (w,) = draw(init, [400, 500])  # of 200,000 numbers mean and variance are off by less than 2 %
    assert w.var() == pytest.approx(weights, rel=0.02)
    assert abs(w.mean()) <= 0.01 * weights**0.5
    assert b.var() == pytest.approx(biases, rel=0.2)


def test_every_initialiser_has_its_variance() -> None:
    assert {init.kind for init, _, _ in VARIANCES} == set(Initialiser.kinds())


@pytest.mark.parametrize("init", [Glorot(), He(distribution="uniform"), LeCun(distribution="uniform")], ids=name_of)
def test_uniform_weights_fill_the_range_of_their_variance(init: Initialiser) -> None:
    _, (w,) = draw(init, [400, 500])
    reach = {"glorot": (6 / 900) ** 0.5, "he": (6 / 400) ** 0.5, "lecun": (3 / 400) ** 0.5}[init.kind]
    assert 0.999 * reach < w.max() <= reach
    assert -reach <= w.min() < -0.999 * reach


def test_normal_weights_have_the_tails_of_a_normal_distribution() -> None:
    _, (w,) = draw(He(), [400, 500])
    assert np.mean(np.abs(w) > 2 * (2 / 400) ** 0.5) == pytest.approx(0.0455, rel=0.05)


def test_a_distribution_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"init.distribution: got 'flat', expected normal or uniform"):
        Initialiser.named("he", distribution="flat")


@pytest.mark.parametrize("sizes", [[7, 7], [20, 6], [6, 20]])
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthogonal_weights_are_at_right_angles_and_stretch_by_the_gain(sizes: list[int], gain: float) -> None:
    _, (w,) = draw(Orthogonal(gain=gain), sizes)
    products = w @ w.T if len(w) <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(products, gain**2 * np.eye(len(products)), atol=1e-14)


def test_an_orthogonal_matrix_is_as_likely_as_its_mirror_image() -> None:
    """Without its sign made right, LAPACK's first column never points one way; determinants are 1 half of the time."""
    drawn = [draw(Orthogonal(), [3, 3], seed)[1][0] for seed in range(400)]
    assert 150 < sum(np.linalg.det(w) > 0 for w in drawn) < 250
    assert all(150 < sum(w[i, i] > 0 for w in drawn) < 250 for i in range(3))


@pytest.mark.parametrize("gain", [0.0, -1.0, float("inf")])
def test_a_gain_that_is_none_is_refused(gain: float) -> None:
    with pytest.raises(ValueError, match=r"init.gain: got .*, expected a number > 0"):
        Initialiser.named("orthogonal", gain=gain)


def test_units_that_begin_alike_stay_alike() -> None:
    network = Network([5, 4, 3], init=Zeros(), rng=0)
    rng = np.random.default_rng(1)
    for _ in range(3):
        network.train_epoch(Examples(rng.random((20, 5)), rng.integers(0, 3, 20)), np.arange(20), 5, 1.0)
    hidden, outer = network.weights
    assert hidden.any()
    assert (hidden == hidden[0]).all()
    assert (outer == outer[:, [0]]).all()


@pytest.mark.parametrize("kind", Initialiser.kinds())
def test_weights_are_c_ordered(kind: str) -> None:
    assert all(w.flags.c_contiguous for w in draw(Initialiser.named(kind), [5, 4, 3])[1])


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
    with pytest.raises(ValueError, match=r"init: got 'ones', expected one of gaussian, .*scaled_gaussian, zeros"):
        Initialiser.named("ones")


@pytest.mark.parametrize("kind", Initialiser.kinds())
def test_it_is_scaled_if_more_inputs_have_smaller_weights(kind: str) -> None:
    init = Initialiser.named(kind)
    few, many = (draw(init, [n_in, 50])[1][0].std() for n_in in (100, 400))
    assert init.scaled == (many < 0.9 * few)
