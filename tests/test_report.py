"""Pictures and the folder of a run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnexp.data.dataset import Dataset
from nnexp.data.digits import Digits
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.saved import layers, load
from nnexp.report.pictures import confusion_matrix, first_layer, learning_curve, pictures, worst_mistakes
from nnexp.report.run_folder import RunFolder
from nnexp.train.best import Best
from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.history import History


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def history_of(*accuracies: float) -> History:
    history = History()
    for epoch, accuracy in enumerate(accuracies):
        history(EpochDone(epoch, {"test_accuracy": accuracy, "validation_accuracy": accuracy, "train_cost": 1.0}))
    return history


def test_the_learning_curve_starts_with_the_first_trained_epoch() -> None:
    figure = learning_curve(history_of(0.1, 0.9, 0.95))
    test = figure.axes[0].lines[0]
    np.testing.assert_allclose(test.get_xydata(), [[1, 90], [2, 95]])
    assert figure.axes[0].get_title() == "best test accuracy 95.00% in epoch 2"


def test_the_confusion_matrix_counts_true_rows_and_said_columns() -> None:
    figure = confusion_matrix(labels=np.array([0, 0, 0, 1, 2]), said=np.array([0, 0, 2, 1, 2]), classes=3)
    found = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in figure.axes[0].texts}
    assert found == {(0, 0): "2", (0, 2): "1", (1, 1): "1", (2, 2): "1"}
    assert figure.axes[0].get_title() == "1 of 5 test examples wrong"


def test_the_worst_mistakes_are_the_wrong_ones_most_confident_first() -> None:
    test = Examples(np.zeros((3, 4), np.uint8), np.array([0, 1, 1]))
    outputs = np.array([[0.9, 0.1], [0.7, 0.3], [0.8, 0.4]])  # right, wrong by 0.7, wrong by 0.8
    figure = worst_mistakes(test, outputs, (2, 2))
    assert texts(figure) == ["0 (0.80), 1", "0 (0.70), 1"]


def test_a_network_without_mistakes_gets_a_picture_that_says_so() -> None:
    test = Examples(np.zeros((1, 4), np.uint8), np.array([0]))
    assert worst_mistakes(test, np.array([[0.9, 0.1]]), (2, 2)).axes[0].get_title() == "no mistakes"


def test_the_first_layer_is_shown_with_zero_in_the_middle_of_its_colours() -> None:
    image = first_layer(np.array([[1.0, -3.0, 0.0, 2.0]]), (2, 2)).axes[0].images[0]
    low, high = image.get_clim()
    assert low == -high < 0


def best_of(network: Network) -> Best:
    best = Best()
    best.arrays = layers(network)
    return best


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def test_examples_that_are_no_images_get_the_pictures_that_need_none(digits: Dataset) -> None:
    network = Network([64, 10], rng=0)
    names = [name for name, _ in pictures(network, digits.test, (64,), history_of(0.1, 0.2))]
    assert names == ["learning_curve.png", "confusion_matrix.png"]


def test_the_folder_of_a_finished_run_has_its_configuration_weights_and_pictures(
    digits: Dataset, tmp_path: Path
) -> None:
    network = Network([64, 10], rng=0)
    folder = RunFolder(tmp_path, "eta: 3.0\n", history_of(0.1, 0.2), best_of(network))
    folder(Started(network, digits, 1))
    folder(Ended("FINISHED"))
    assert (tmp_path / "config.yaml").read_text() == "eta: 3.0\n"
    assert load(tmp_path / "weights.npz").weights[0].tobytes() == network.weights[0].tobytes()
    assert load(tmp_path / "best_weights.npz").weights[0].tobytes() == network.weights[0].tobytes()
    assert [epoch["epoch"] for epoch in json.loads((tmp_path / "epochs.json").read_text())] == [0, 1]
    assert len(list(tmp_path.glob("pictures/*.png"))) == 4


def test_the_folder_of_a_failed_run_has_the_traceback(digits: Dataset, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "", history_of(0.1), Best())
    folder(Started(Network([64, 10], rng=0), digits, 1))
    folder(Ended("FAILED", ValueError("what went wrong")))
    assert "ValueError: what went wrong" in (tmp_path / "traceback.txt").read_text()
    assert not (tmp_path / "weights.npz").exists()
