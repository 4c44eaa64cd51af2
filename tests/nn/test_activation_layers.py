"""Hidden layers whose activations differ."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnexp.errors import DataError
from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.gelu import Gelu
from nnexp.nn.activations.leaky_relu import LeakyRelu
from nnexp.nn.activations.relu import Relu
from nnexp.nn.activations.sigmoid import Sigmoid, sigmoid
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.weights_file import SHA256, description, load, save

RNG = np.random.default_rng(3)
BYTES, LABELS = RNG.integers(0, 256, (397, 6), dtype=np.uint8), RNG.integers(0, 3, 397)
EXAMPLES = Examples(BYTES, LABELS, 1 / 255)  # as other tests have them: code is compiled for each type of number
X = BYTES / 255
MIXED = ["tanh", "relu", "sigmoid"]
SIZES = [6, 5, 4, 7, 3]


def network(engine: str = "numpy", dtype: str = "float64", **settings: Any) -> Network:
    activation = Sigmoid(layers=MIXED) if "activation" not in settings else settings.pop("activation")
    return Network(SIZES, activation=activation, engine=Engine.named(engine), dtype=dtype, rng=0, **settings)


def trained(engine: str, dtype: str = "float64", **settings: Any) -> Network:
    made = network(engine, dtype, **settings)
    for _ in range(2):
        made.train_epoch(EXAMPLES, np.arange(397), 8, 0.5)  # fifty steps
    return made


def test_where_nothing_is_said_all_layers_are_of_the_one_activation() -> None:
    relu = Relu()
    assert [each is relu for each in relu.of_layers(3)] == [True] * 3


def test_a_layer_of_the_chosen_kind_has_its_settings_and_others_have_their_defaults() -> None:
    mixed = LeakyRelu(slope=0.5, layers=["tanh", "leaky_relu", "gelu"])
    assert mixed.of_layers(3) == [Tanh(), mixed, Gelu()]


@pytest.mark.parametrize(
    ("said", "hidden", "message"),
    [
        (["tanh"], 2, "activation.layers: got ['tanh'], expected 2 activations, one for each hidden layer"),
        (["tanh", "relu"], 1, "activation.layers: got ['tanh', 'relu'], expected 1 activation, one for each"),
    ],
)
def test_another_number_of_layers_is_refused(said: list[str], hidden: int, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Network([2, *[3] * hidden, 2], activation=Sigmoid(layers=said))


def test_outputs_are_those_of_the_layers_one_by_one() -> None:
    made = network()
    a = X.T
    functions = [np.tanh, lambda z: np.maximum(z, 0), sigmoid, sigmoid]
    for w, b, function in zip(made.weights, made.biases, functions, strict=True):
        a = function(w @ a + b)
    np.testing.assert_allclose(made.feedforward(X.T), a, rtol=1e-14)


def test_the_gradient_is_that_of_finite_differences() -> None:
    made, h = network(), 1e-6
    x, y = X[:5].T, EXAMPLES.targets(3)[:5].T
    nabla_b, nabla_w = made.backprop(x, y)
    for array, gradient in zip(made.biases + made.weights, nabla_b + nabla_w, strict=True):
        for i, value in np.ndenumerate(array):
            costs = []
            for changed in (value + h, value - h):
                array[i] = changed
                costs.append(np.sum((made.feedforward(x) - y) ** 2) / 2)
            array[i] = value
            assert gradient[i] == pytest.approx((costs[0] - costs[1]) / (2 * h), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(("dtype", "digits"), [("float32", 1e-5), ("float64", 1e-11)])
def test_fifty_steps_in_both_engines_agree(dtype: str, digits: float) -> None:
    both = [trained(engine, dtype) for engine in ("numpy", "compiled")]
    for ours, theirs in zip(both[0].weights + both[0].biases, both[1].weights + both[1].biases, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=digits, atol=digits)


@pytest.mark.parametrize("engine", Engine.kinds())
def test_layers_that_are_said_to_be_alike_are_what_they_are_when_nothing_is_said(engine: str) -> None:
    said = trained(engine, "float32", activation=Sigmoid(layers=["sigmoid"] * 3))
    assert said.fingerprint() == trained(engine, "float32", activation=Sigmoid()).fingerprint()


@pytest.mark.parametrize("engine", Engine.kinds())
def test_the_order_of_the_layers_matters(engine: str) -> None:
    other = trained(engine, activation=Sigmoid(layers=MIXED[::-1]))
    assert trained(engine).fingerprint() != other.fingerprint()


def test_a_file_brings_the_layers_back(tmp_path: Path) -> None:
    saved = network(activation=LeakyRelu(slope=0.5, layers=["tanh", "leaky_relu", "gelu"]))
    save(saved, tmp_path / "weights.npz")
    loaded = load(tmp_path / "weights.npz")
    assert loaded.activation == saved.activation
    assert np.array_equal(loaded.feedforward(X.T), saved.feedforward(X.T))


def test_a_file_says_nothing_of_layers_where_all_are_alike_as_files_of_earlier_versions_do(tmp_path: Path) -> None:
    saved = network(activation=LeakyRelu(slope=0.5))
    assert not [name for name in description(saved) if "layers" in name]
    save(saved, tmp_path / "weights.npz")
    assert load(tmp_path / "weights.npz").activation == saved.activation


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["tanh"], "activation.layers: got ['tanh'], expected 3 activations, one for each hidden layer"),
        (["tanh", "relu", "step"], "activation.layers: got ['tanh', 'relu', 'step'], expected a list of any of"),
        ([1.0], "activation.layers: got [1.0], expected a list of any of"),
    ],
)
def test_a_file_with_layers_that_make_no_sense_is_refused(tmp_path: Path, layers: list[Any], message: str) -> None:
    save(network(), tmp_path / "weights.npz")
    arrays = {name: array for name, array in np.load(tmp_path / "weights.npz").items() if name != SHA256}
    np.savez(tmp_path / "weights.npz", **arrays | {"activation.layers": np.array(layers)})
    with pytest.raises(DataError) as caught:
        load(tmp_path / "weights.npz")
    assert message in str(caught.value)


def test_layers_may_be_of_every_kind() -> None:
    assert Activation.named("sigmoid", layers=list(Activation.kinds())).problems() == []
