"""Pictures and the folder of a run."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import environment

from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.formats import number
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.weights_file import layers, load
from nnexp.plots.calibration import calibration
from nnexp.plots.colour_maps import BLUE_TO_RED
from nnexp.plots.drawing import drawn
from nnexp.plots.first_layer import COLOURS, first_layers, limit_of, palette, shades
from nnexp.plots.misclassified import confusion, confusion_matrix, most_confident, worst_mistakes
from nnexp.plots.montage import enlarged, montage
from nnexp.plots.pictures import pictures
from nnexp.plots.run_charts import learning_curve, monitored, reliability
from nnexp.printable import counted
from nnexp.runner.result import Outcome
from nnexp.runner.run_folder import RunFolder
from nnexp.sweeps.table import Table
from nnexp.train.best import Best
from nnexp.train.events import Ended, EpochDone, Started
from nnexp.train.history import History
from nnexp.train.snapshots import Snapshots


def history_of(*accuracies: float) -> History:
    history = History()
    for epoch, accuracy in enumerate(accuracies):
        history(EpochDone(epoch, {"test_accuracy": accuracy, "validation_accuracy": accuracy, "train_cost": 1.0}))
    return history


def test_the_learning_curve_starts_with_the_first_trained_epoch() -> None:
    test = learning_curve(history_of(0.1, 0.9, 0.95)).panels[0].lines[0]
    assert test.x == [1, 2]
    np.testing.assert_allclose(test.y, [90, 95])


def test_the_learning_curve_shows_test_validation_and_cost_and_the_epoch_that_was_chosen() -> None:
    above, below = learning_curve(history_of(0.1, 0.9, 0.95)).panels
    assert [line.label for line in above.lines] == ["test", "validation"]
    assert above.marked == 2
    assert [(line.label, list(line.y)) for line in below.lines] == [("", [1.0, 1.0])]


def test_the_learning_curve_shows_what_is_monitored_of_its_kind() -> None:
    history = history_of(0.1, 0.9)
    for name, value in (("training_accuracy", 0.95), ("training_cost", 0.5), ("validation_cost", 0.75)):
        history.epochs[1].metrics[name] = value
    above, below = learning_curve(history).panels
    assert [(line.label, list(line.y)) for line in above.lines][2:] == [("training", [95.0])]
    shown = [(line.label, list(line.y)) for line in below.lines]
    assert shown == [("while training", [1.0]), ("validation", [0.75]), ("training", [0.5])]
    assert list(monitored(history)) == []


def test_every_monitor_of_layers_has_a_chart_with_a_line_for_each_layer() -> None:
    history = history_of(0.1, 0.9)
    for epoch in history.epochs:
        epoch.metrics.update({f"gradient_norm/layer_{layer}": 10.0**-layer for layer in range(1, 13)})
        epoch.metrics.update({"saturated/layer_1": 0.0})
    charts = dict(monitored(history))
    assert list(charts) == ["gradients", "saturation"]
    lines = charts["gradients"].panels[0].lines
    assert [line.label for line in lines] == [f"layer {layer}" for layer in range(1, 13)]
    assert [line.dashed for line in lines[:10]] == 5 * [False] + 5 * [True]
    assert [chart.panels[0].y.logarithmic for chart in charts.values()] == [True, False]
    assert drawn(charts["gradients"]).width > 0


def test_a_gradient_that_is_0_has_no_point_on_a_scale_of_powers_of_ten() -> None:
    history = history_of(0.1, 0.9)
    history.epochs[0].metrics.update({"gradient_norm/layer_1": 0.0, "gradient_norm/layer_2": 0.0})
    history.epochs[1].metrics.update({"gradient_norm/layer_1": 0.0, "gradient_norm/layer_2": 0.5})
    ((_, chart),) = monitored(history)
    assert [(line.label, list(line.x)) for line in chart.panels[0].lines] == [("layer 2", [1])]


def test_a_network_that_gets_worse_in_training_has_a_learning_curve() -> None:
    chart = learning_curve(history_of(0.3, 0.1))
    assert chart.panels[0].marked == 0
    assert drawn(chart).width > 0


def test_the_learning_curve_heads_with_the_test_accuracy_that_validation_has_chosen() -> None:
    history = history_of(0.1, 0.9, 0.95)
    history.epochs[1].metrics["validation_accuracy"] = 0.96
    assert learning_curve(history).title == "test accuracy 90.00 % in epoch 1, the best on validation"


# Mistakes.


def test_the_confusion_matrix_counts_true_rows_and_predicted_columns() -> None:
    counts = confusion(labels=np.array([0, 0, 0, 1, 2]), predicted=np.array([0, 0, 2, 1, 2]), classes=3)
    assert counts.tolist() == [[2, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_the_confusion_matrix_is_darkest_at_the_commonest_mistake_whatever_is_right() -> None:
    counts = np.array([[99, 1, 0], [0, 99, 4], [2, 0, 99]])
    image = np.asarray(confusion_matrix(counts).convert("L"), dtype=int)
    corners = [[image[40 + 50 * row + 3, 58 + 50 * column + 3] for column in range(3)] for row in range(3)]
    assert corners[1][2] == np.min(corners)
    assert corners[0][0] == corners[1][1] == corners[0][2] == np.max(corners)


@pytest.mark.parametrize("classes", [2, 47, 1500])
def test_a_confusion_matrix_of_any_number_of_classes_is_a_picture_of_some_size(classes: int) -> None:
    width, height = confusion_matrix(np.eye(classes, dtype=int)).size
    assert 100 < width < 2000
    assert 100 < height < 2000


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_title_of_a_confusion_matrix_is_not_cut(classes: int) -> None:
    image = np.asarray(confusion_matrix(100 * np.eye(classes, dtype=int)).convert("L"))
    title = np.nonzero((image[:38] < 128).any(axis=0))[0]
    assert 5 < title[0] < title[-1] < image.shape[1] - 5
    assert np.ptp(title) > 250


def test_the_worst_mistakes_are_the_wrong_ones_most_confident_first() -> None:
    outputs = np.array([[0.9, 0.1], [0.7, 0.3], [0.8, 0.4]])  # right, wrong by 0.7, wrong by 0.8
    assert most_confident(np.array([0, 1, 1]), outputs).tolist() == [2, 1]


def test_a_mistake_is_shown_as_ink_on_paper() -> None:
    x = np.zeros((1, 42, 42), np.uint8)
    x[0, :, 21:] = 16  # as much as there is in the digits of 8x8
    image = worst_mistakes(Examples(x.reshape(1, -1), np.array([1])), np.array([[0.9, 0.1]]), (42, 42))
    left = 12 + (100 - 84) // 2
    assert (np.asarray(image)[44 : 44 + 84, left : left + 42] == 255).all()
    assert (np.asarray(image)[44 : 44 + 84, left + 42 : left + 84] == 0).all()


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.float32, 1.0)])
def test_a_mistake_in_colours_is_shown_in_its_colours(dtype: Any, top: float) -> None:
    x = np.zeros((1, 42, 42, 3), dtype)
    x[..., 0] = top
    image = worst_mistakes(Examples(x.reshape(1, -1), np.array([1])), np.array([[0.9, 0.1]]), (42, 42, 3))
    assert image.getpixel((62, 86)) == (255, 0, 0)


def test_a_network_without_mistakes_gets_a_picture_that_says_so() -> None:
    test = Examples(np.zeros((1, 4), np.uint8), np.array([0]))
    assert worst_mistakes(test, np.array([[0.9, 0.1]]), (2, 2)).size == (400, 60)


# The first layer over time.


def test_a_weight_of_0_is_the_middle_of_the_colours_and_the_limit_their_end() -> None:
    numbers = shades(np.array([-2.0, -1.0, 0.0, 0.25, 1.0, 5.0]))
    assert numbers.tolist() == [0, 0, COLOURS // 2, round(COLOURS // 2 * 1.5), COLOURS - 1, COLOURS - 1]
    assert palette(BLUE_TO_RED)[numbers[[0, 2, 4]]].tolist() == [[5, 48, 97], [247, 247, 247], [103, 0, 31]]


def test_all_epochs_share_one_scale_of_colours() -> None:
    small, large = np.full((4, 100), 0.25, np.float16), np.full((4, 100), 1.0, np.float16)
    images = dict(first_layers({0: small, 7: large}, (10, 10), units=4))
    assert list(images) == [0, 7]
    tiles = [set(np.asarray(image)[34:].ravel().tolist()) for image in images.values()]
    assert tiles == [{255, int(shades(np.array(0.25)))}, {255, COLOURS - 1}]


def test_the_scale_is_not_set_by_a_few_extreme_weights() -> None:
    weights = np.ones((10, 1000), np.float16)
    weights[0, 0] = 100
    assert limit_of({3: weights}) == 1.0


def test_weights_of_colours_are_shown_as_colours() -> None:
    weights = np.zeros((1, 6, 6, 3), np.float16)
    weights[..., 0] = 1
    ((_, image),) = first_layers({0: weights.reshape(1, -1)}, (6, 6, 3), units=1)
    assert image.getpixel((image.width // 2, 200)) == (255, 128, 128)


def test_the_first_layer_of_a_dead_network_is_a_picture_too() -> None:
    ((_, image),) = first_layers({0: np.zeros((3, 25), np.float16)}, (5, 5), units=3)
    assert set(np.asarray(image)[34:].ravel().tolist()) == {COLOURS // 2, 255}


def test_a_montage_puts_images_into_cells_row_by_row() -> None:
    images = np.arange(3, dtype=np.uint8).reshape(3, 1, 1)
    assert montage(images, 2, 1, empty=9).tolist() == [[0, 9, 1, 9], [2, 9, 9, 9]]
    assert enlarged(images, 2)[1].tolist() == [[1, 1], [1, 1]]


# Calibration.

LABELS = np.array([0, 0, 0, 1, 1])
OUTPUTS = np.array(
    [[0.9, 0.1], [0.95, 0.0], [0.2, 0.91], [0.1, 0.15], [0.2, 0.11]]
)  # right, right, wrong, right, wrong


def test_the_bins_are_those_worked_by_hand() -> None:
    found = calibration(LABELS, OUTPUTS)
    assert found.counts.tolist() == [0, 2, 0, 0, 0, 0, 0, 0, 1, 2]  # an edge, 0.2 and 0.9, is of the bin below
    np.testing.assert_allclose(found.confidence[[1, 8, 9]], [0.175, 0.9, 0.93])
    np.testing.assert_allclose(found.accuracy[[1, 8, 9]], [0.5, 1.0, 0.5])


def test_the_expected_calibration_error_is_the_one_worked_by_hand() -> None:
    expected = (2 * (0.5 - 0.175) + (1 - 0.9) + 2 * (0.93 - 0.5)) / 5
    assert calibration(LABELS, OUTPUTS).error == pytest.approx(expected)


def test_outputs_that_are_right_as_often_as_they_say_have_no_calibration_error() -> None:
    outputs = np.repeat([[0.75, 0.0]], 4, axis=0)
    assert calibration(np.array([0, 0, 0, 1]), outputs).error == 0.0


def test_the_bins_are_those_of_scikit_learn() -> None:
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(0)
    outputs, labels = rng.random((500, 3)), rng.integers(0, 3, 500)
    right, confidence = calibration_curve(outputs.argmax(axis=1) == labels, outputs.max(axis=1), n_bins=10)
    found = calibration(labels, outputs)
    some = found.counts > 0
    np.testing.assert_allclose(found.accuracy[some], right)
    np.testing.assert_allclose(found.confidence[some], confidence)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_an_output_at_either_end_has_a_bin(confidence: float) -> None:
    found = calibration(np.array([0]), np.array([[confidence, 0.0]]))
    assert found.counts[-1 if confidence else 0] == 1


def test_the_reliability_diagram_leaves_empty_bins_out_and_tells_the_error() -> None:
    chart = reliability(calibration(LABELS, OUTPUTS))
    above, below = chart.panels
    network = above.lines[1]
    np.testing.assert_allclose(network.x, [0.175, 0.9, 0.93])
    np.testing.assert_allclose(network.y, [50, 100, 50])
    np.testing.assert_allclose(above.bars[0].heights, [0, 50, 0, 0, 0, 0, 0, 0, 100, 50])
    assert list(below.bars[0].heights) == [0, 2, 0, 0, 0, 0, 0, 0, 1, 2]
    assert chart.title == "expected calibration error 32.20 %"


# All of them.


def best_of(network: Network) -> Best:
    best = Best()
    best.arrays = layers(network)
    return best


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return Digits().load()


def names_of(dataset: Dataset) -> list[str]:
    snapshots, network = Snapshots(), Network([64, 10], rng=0)
    snapshots(started := Started(network, dataset, 1))
    for epoch in (0, 1):
        snapshots(EpochDone(epoch, {}))
    return [name for name, _ in pictures(started, history_of(0.1, 0.2), snapshots)]


CHARTS = ["figures/learning_curve.png", "figures/confusion_matrix.png", "figures/reliability.png"]


def test_images_get_all_pictures(digits: Dataset) -> None:
    more = ["figures/worst_mistakes.png", "images/first_layer/0000.png", "images/first_layer/0001.png"]
    assert names_of(digits) == CHARTS + more


def test_examples_that_are_no_images_get_the_pictures_that_need_none(digits: Dataset) -> None:
    assert names_of(replace(digits, shape=(64,))) == CHARTS


@pytest.mark.parametrize(
    ("shape", "image_shape"),
    [
        ((28, 28), (28, 28)),
        ((28, 28, 1), (28, 28)),
        ((32, 32, 3), (32, 32, 3)),
        ((4, 4), None),
        ((7,), None),
        ((3, 32, 32), None),
        ((8, 8, 8, 3), None),
    ],
)
def test_examples_are_images_by_their_shape(
    digits: Dataset, shape: tuple[int, ...], image_shape: tuple[int, ...] | None
) -> None:
    assert replace(digits, shape=shape).image_shape == image_shape


def finished(folder: Path, digits: Dataset, snapshots: Snapshots | None) -> Network:
    network = Network([64, 10], rng=0)
    listeners = [RunFolder(folder, "eta: 3.0\n", history_of(0.1, 0.2), best_of(network), snapshots)]
    for listener in [snapshots, *listeners] if snapshots else listeners:
        listener(Started(network, digits, 1))
        if listener is snapshots:
            listener(EpochDone(0, {}))
        listener(Ended("FINISHED"))
    return network


def test_the_folder_of_a_finished_run_has_its_configuration_weights_and_pictures(
    digits: Dataset, tmp_path: Path
) -> None:
    network = finished(tmp_path, digits, Snapshots())
    assert (tmp_path / "config.yaml").read_text() == "eta: 3.0\n"
    assert load(tmp_path / "weights.npz").weights[0].tobytes() == network.weights[0].tobytes()
    assert load(tmp_path / "best_weights.npz").weights[0].tobytes() == network.weights[0].tobytes()
    assert [epoch["epoch"] for epoch in json.loads((tmp_path / "epochs.json").read_text())] == [0, 1]
    assert len(list(tmp_path.glob("figures/*.png"))) == 4
    assert [file.name for file in tmp_path.glob("images/first_layer/*.png")] == ["0000.png"]


def test_without_pictures_there_are_none(digits: Dataset, tmp_path: Path) -> None:
    finished(tmp_path, digits, None)
    assert {path.name for path in tmp_path.iterdir()} == {
        "config.yaml",
        "epochs.json",
        "weights.npz",
        "best_weights.npz",
        "classes.csv",
    }


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "loaded"), [("true", {"PIL"}), ("false", set())])
def test_what_pictures_need_is_loaded_only_for_pictures(tmp_path: Path, wanted: str, loaded: set[str]) -> None:
    words = ["data=digits", "sizes=[64,10]", "epochs=1", "tracking=off", f"pictures={wanted}"]
    script = f"import sys; sys.argv[1:] = {words}; from nnexp.run import main; main(); print('LOADED', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    modules = done.stdout.splitlines()[-1].split()
    assert {name for name in ("matplotlib", "PIL") if name in modules} == loaded


def test_the_folder_of_a_failed_run_has_the_traceback(digits: Dataset, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "", history_of(0.1), Best(), Snapshots())
    folder(Started(Network([64, 10], rng=0), digits, 1))
    folder(Ended("FAILED", ValueError("what went wrong")))
    assert "ValueError: what went wrong" in (tmp_path / "traceback.txt").read_text()
    assert not (tmp_path / "weights.npz").exists()


def test_a_number_is_written_short_unless_that_is_another_number() -> None:
    assert [number(value) for value in (3.0, 0.1, 1e-5, 0.10000001)] == ["3", "0.1", "1e-05", "0.10000001"]


def test_a_count_of_one_is_no_plural() -> None:
    assert [counted(count, "job") for count in (0, 1, 2000)] == ["0 jobs", "1 job", "2,000 jobs"]


def test_a_table_takes_nothing_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Table(["data.path"], [Outcome({"data.path": "[red]apples[/red].npz"}, "done")]).show()
    assert "[red]apples[/red].npz" in capsys.readouterr().out
