"""Networks in files: what is written comes back, and what is off is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnexp.errors import DataError
from nnexp.nn.activations.leaky_relu import LeakyRelu
from nnexp.nn.activations.tanh import Tanh
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.costs.log_likelihood import LogLikelihood
from nnexp.nn.network import Network
from nnexp.nn.optimisers.momentum import Momentum
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.l2 import L2
from nnexp.nn.regularisers.none import NoRegulariser
from nnexp.nn.weights_file import SHA256, description, fill_optimiser, load, read, save, write


@pytest.fixture
def network() -> Network:
    return Network([3, 4, 2], activation=Tanh(), cost=CrossEntropy(), dtype="float64", rng=1)


@pytest.fixture
def file(network: Network, tmp_path: Path) -> Path:
    save(network, tmp_path / "weights.npz")
    return tmp_path / "weights.npz"


def changed(file: Path, **changes: Any) -> Path:
    """The file as an earlier version would have written it, with arrays replaced, or left out for None."""
    arrays = dict(np.load(file)) | {SHA256: None} | changes
    np.savez(file, **{key: value for key, value in arrays.items() if value is not None})
    return file


def test_a_loaded_network_is_the_saved_one_bit_for_bit(network: Network, file: Path) -> None:
    loaded = load(file)
    pairs = zip(loaded.weights + loaded.biases, network.weights + network.biases, strict=True)
    assert all(ours.tobytes() == theirs.tobytes() and ours.dtype == theirs.dtype for ours, theirs in pairs)
    assert (loaded.activation, loaded.cost, loaded.sizes) == (network.activation, network.cost, network.sizes)


def test_a_loaded_network_can_be_trained_on(file: Path) -> None:
    network = load(file)
    before = network.weights[0].copy()
    network.update_mini_batch([(np.ones((3, 1)), np.ones((2, 1)))], eta=1.0)
    assert (network.weights[0] != before).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights_2": None}, "'weights_2', expected a network"),
        ({"weights_1": np.zeros((4, 5))}, "weights_1 has shape (4, 5), expected (4, 3)"),
        ({"biases_1": np.zeros((4, 1), "float32")}, "biases_1 is float32 (4, 1), expected float64 (4, 1)"),
        ({"biases_1": np.zeros((1, 1))}, "biases_1 is float64 (1, 1), expected float64 (4, 1)"),
        ({"cost": np.array("hinge")}, "cost: got 'hinge', expected one of cross_entropy, log_likelihood, quadratic"),
        ({"dtype": np.array("int8")}, "dtype: got 'int8', expected one of float32, float64"),
        ({"sizes": np.array([3, 10**12, 2])}, "weights_1 has shape (4, 3), expected (1000000000000, 3)"),
        ({"sizes": np.array([3.0, np.inf])}, "expected a network saved by nnexp"),
        ({"sizes": None}, "expected a network saved by nnexp"),
    ],
)
def test_what_does_not_fit_is_named(file: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        load(changed(file, **changes))
    assert message in str(caught.value)
    assert str(file) in str(caught.value)


PARTS: dict[str, Any] = {
    "activation": LeakyRelu(slope=0.5),
    "cost": LogLikelihood(),
    "optimiser": Momentum(momentum=0.75, nesterov=True),
    "regulariser": L2(lmbda=3.0),
}


@pytest.fixture
def set_up(tmp_path: Path) -> Path:
    """The file of a network whose parts have settings."""
    save(Network([3, 4, 2], dtype="float64", rng=1, **PARTS), tmp_path / "set_up.npz")
    return tmp_path / "set_up.npz"


def test_every_setting_of_every_part_comes_back(set_up: Path) -> None:
    network = load(set_up)
    assert {group: getattr(network, group) for group in PARTS} == PARTS


def test_a_network_with_settings_gives_what_it_gave(set_up: Path) -> None:
    x = np.random.default_rng(0).standard_normal((3, 5))
    expected = Network([3, 4, 2], dtype="float64", rng=1, **PARTS).feedforward(x)
    assert np.array_equal(load(set_up).feedforward(x), expected)


def test_a_setting_is_kept_under_the_name_that_it_has_on_the_command_line(set_up: Path) -> None:
    said = {name: value.tolist() for name, value in description(load(set_up)).items()}
    assert said == {
        "sizes": [3, 4, 2],
        "dtype": "float64",
        "activation": "leaky_relu",
        "activation.slope": 0.5,
        "cost": "log_likelihood",
        "optimiser": "momentum",
        "optimiser.momentum": 0.75,
        "optimiser.nesterov": True,
        "regulariser": "l2",
        "regulariser.lmbda": 3.0,
    }


def test_of_parts_that_earlier_versions_had_a_file_says_what_theirs_said(file: Path) -> None:
    layers = {"biases_1", "biases_2", "weights_1", "weights_2"}
    assert set(np.load(file)) == {"sizes", "dtype", "activation", "cost", SHA256} | layers


def test_a_file_that_says_nothing_of_an_optimiser_is_of_plain_gradient_descent(file: Path) -> None:
    network = load(file)
    assert (network.optimiser, network.regulariser) == (Sgd(), NoRegulariser())


def test_label_smoothing_comes_back(tmp_path: Path) -> None:
    save(Network([3, 2], cost=LogLikelihood(smoothing=0.1), rng=0), tmp_path / "smooth.npz")
    assert load(tmp_path / "smooth.npz").cost == LogLikelihood(smoothing=0.1)


def test_a_file_that_says_nothing_of_label_smoothing_is_of_none(file: Path) -> None:
    assert "cost.smoothing" not in np.load(file)
    assert load(file).cost == CrossEntropy(smoothing=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activation.slope": None}, "activation.slope: got nothing, expected the setting that leaky_relu had"),
        ({"activation.slope": np.array(2.0)}, "activation.slope: got 2.0, expected a number >= 0 and < 1"),
        ({"activation.slope": np.array("flat")}, "activation.slope: got 'flat', expected a number >= 0 and < 1"),
        ({"activation.slant": np.array(0.1)}, "activation.slant: leaky_relu has no such setting"),
        ({"activation": np.array("relu")}, "activation.slope: relu has no such setting, expected ['layers']"),
        ({"optimiser.nesterov": None}, "optimiser.nesterov: got nothing, expected the setting that momentum had"),
        ({"optimiser": None}, "sgd has no such setting, expected none"),
        ({"regulariser": np.array("l3")}, "regulariser: got 'l3', expected one of elastic, l1, l2, max_norm, none"),
    ],
)
def test_a_setting_that_is_missing_or_strange_is_named(set_up: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        load(changed(set_up, **changes))
    assert message in str(caught.value)
    assert str(set_up) in str(caught.value)


def trained() -> Network:
    network = Network([3, 4, 2], dtype="float64", rng=1, **PARTS)
    network.update_mini_batch([(np.ones((3, 1)), np.array([[1.0], [0.0]]))], eta=1.0)
    return network


def test_what_an_optimiser_has_kept_is_filled_in_bit_for_bit(tmp_path: Path) -> None:
    network, other = trained(), Network([3, 4, 2], dtype="float64", rng=1, **PARTS)
    write(tmp_path / "kept.npz", network.optimiser_arrays())
    fill_optimiser(other, read(tmp_path / "kept.npz"), tmp_path)
    kept = other.optimiser_arrays()
    assert kept.keys() == network.optimiser_arrays().keys()
    assert all(np.array_equal(kept[name], array) for name, array in network.optimiser_arrays().items())
    assert any(array.any() for array in kept.values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"velocity_weights_2": None}, "velocity_weights_2 is nothing, expected float64 (2, 4)"),
        ({"velocity_biases_1": np.ones((4, 2))}, "velocity_biases_1 is float64 (4, 2), expected float64 (4, 1)"),
    ],
)
def test_kept_arrays_that_do_not_fit_are_named_and_nothing_is_filled_in(changes: dict[str, Any], message: str) -> None:
    network = Network([3, 4, 2], dtype="float64", rng=1, **PARTS)
    arrays = {name: array for name, array in (trained().optimiser_arrays() | changes).items() if array is not None}
    with pytest.raises(DataError) as caught:
        fill_optimiser(network, arrays, Path("checkpoint"))
    assert str(caught.value) == f"checkpoint: {message}"
    assert not any(array.any() for array in network.optimiser_arrays().values())


def test_a_file_of_which_a_weight_was_changed_is_refused(file: Path) -> None:
    arrays = dict(np.load(file))
    arrays["weights_1"][0, 0] += 1e-3
    np.savez(file, **arrays)
    with pytest.raises(DataError, match="was changed: it has the hash"):
        load(file)


def test_a_file_of_which_the_activation_was_changed_is_refused(file: Path) -> None:
    np.savez(file, **dict(np.load(file)) | {"activation": np.array("relu")})
    with pytest.raises(DataError, match="was changed: it has the hash"):
        load(file)


def test_a_file_of_an_earlier_version_without_a_hash_is_read(network: Network, file: Path) -> None:
    assert SHA256 in np.load(file)
    assert SHA256 not in np.load(changed(file))
    assert load(file).fingerprint() == network.fingerprint()


def test_a_network_of_another_fingerprint_is_refused(network: Network, file: Path) -> None:
    assert load(file, network.fingerprint()).fingerprint() == network.fingerprint()
    with pytest.raises(DataError, match="expected 000000000000, that of its epoch"):
        load(file, "0" * 64)


def test_a_truncated_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match="expected a network saved by nnexp"):
        load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a network saved by nnexp"):
        load(tmp_path / "none.npz")


def test_an_object_array_is_not_unpickled(file: Path) -> None:
    with pytest.raises(DataError, match="expected a network saved by nnexp"):
        load(changed(file, sizes=np.array([3, 4, None], dtype=object)))


def test_a_write_that_is_cut_short_leaves_the_file_from_before(network: Network, file: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write(file, {"first": np.zeros(9), "second": np.array([None], dtype=object)})
    assert load(file).fingerprint() == network.fingerprint()
