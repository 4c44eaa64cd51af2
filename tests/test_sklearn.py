"""The scikit-learn classifier: scikit-learn's own checks, and what they do not look at."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import parametrize_with_checks

from nnexp.nn.arrays import Array
from nnexp.sklearn import NetworkClassifier

FEW = {"epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def digits() -> tuple[Array, Array]:
    images, labels = load_digits(return_X_y=True)
    return images[:600], np.array([f"digit {label}" for label in labels[:600]])


@pytest.mark.slow
@parametrize_with_checks([NetworkClassifier()])  # type: ignore[untyped-decorator]
def test_scikit_learn_takes_it_for_a_classifier(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_learns(digits: tuple[Array, Array]) -> None:
    assert NetworkClassifier(**FEW).fit(*digits).score(*digits) > 0.9


def test_one_hidden_layer_may_be_a_number(digits: tuple[Array, Array]) -> None:
    assert NetworkClassifier(**FEW | {"hidden": 12}).fit(*digits).network_.sizes == [64, 12, 10]


def test_it_gives_the_labels_that_it_was_given(digits: tuple[Array, Array]) -> None:
    images, labels = digits
    assert set(NetworkClassifier(**FEW).fit(images, labels).predict(images[:50])) <= set(labels)


def test_the_same_seed_is_the_same_network(digits: tuple[Array, Array]) -> None:
    one, other = (NetworkClassifier(**FEW).fit(*digits).network_.fingerprint() for _ in range(2))
    assert one == other


def test_it_keeps_its_network_in_a_pickle(digits: tuple[Array, Array]) -> None:
    fitted = NetworkClassifier(**FEW).fit(*digits)
    again = pickle.loads(pickle.dumps(fitted))  # our own
    assert (again.predict_proba(digits[0]) == fitted.predict_proba(digits[0])).all()


def test_held_out_examples_stop_it(digits: tuple[Array, Array]) -> None:
    settings = {"stopping.epochs": 2}
    chosen = FEW | {"epochs": 60, "stopping": "no_improvement", "validation_fraction": 0.2, "settings": settings}
    fitted = NetworkClassifier(**chosen).fit(*digits)
    assert len(fitted.history_.epochs) < 61
    assert fitted.network_.fingerprint() == fitted.history_.chosen.weights


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"eta": -1}, "eta: got -1.0, expected a number > 0"),
        ({"activation": "rel"}, "activation: got 'rel', expected one of"),
        ({"hidden": (0,)}, "sizes: got"),
        ({"hidden": 3.5}, "sizes: got"),
        ({"settings": {"optimiser.momentun": 0.5}}, "optimiser.momentun: no such setting"),
        ({"validation_fraction": 1}, "validation_fraction: got 1, expected a number >= 0 and < 1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(
    settings: dict[str, Any], problem: str, digits: tuple[Array, Array]
) -> None:
    with pytest.raises(ValueError, match=r"got|no such") as caught:
        NetworkClassifier(**FEW | settings).fit(*digits)
    assert problem in str(caught.value)


def test_the_loader_is_the_articles() -> None:
    from nnexp import mnist_loader
    from nnexp.data.article import load_data_wrapper

    assert mnist_loader.load_data_wrapper is load_data_wrapper
