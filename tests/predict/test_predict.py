"""`nnexp predict`: images made ready, read from files, and named."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from drawings import TESTED, accuracy, bar
from PIL import Image as Picture

from nnexp.cli import main
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist
from nnexp.errors import DataError, UsageError
from nnexp.nn import weights_file
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.predict.answers import answers, probabilities
from nnexp.predict.images import Image, images_in
from nnexp.predict.paper import Blank
from nnexp.predict.preparation import DIGITS, MNIST, preparation_for, whole
from nnexp.predict.sketch import sketch
from nnexp.tracking.mlflow.model import LOADER
from nnexp.tracking.mlflow.stored_model import model_in, without_code

# Preparation.


def test_a_square_anywhere_becomes_20_by_20_around_the_middle() -> None:
    expected = np.zeros((28, 28), np.uint8)
    expected[4:24, 4:24] = 255  # its centre of mass, 9.5, can't be at 14: 14 - 9.5 is rounded to the even 4
    assert np.array_equal(MNIST(bar((100, 300), 3, 210, 40, 40)), expected)


def test_proportions_are_kept() -> None:
    saw = MNIST(bar((100, 100), 10, 10, 80, 20))
    rows, columns = (np.flatnonzero(saw.any(axis=axis)) for axis in (1, 0))
    assert (len(rows), len(columns)) == (20, 5)
    assert columns[0] == 12  # 14 minus the centre of mass, 2


def test_the_centre_of_mass_is_in_the_middle_not_that_of_the_box() -> None:
    grey = bar((60, 60), 10, 10, 4, 40)  # a top
    grey[14:50, 18:26] = 0  # and a thicker stem, left of its middle
    saw = MNIST(grey).astype(float)
    places = np.arange(28)
    for axis in (0, 1):
        assert abs(saw.sum(axis=axis) @ places / saw.sum() - 14) <= 0.5


def test_black_on_white_and_white_on_black_are_the_same() -> None:
    grey = bar((50, 60), 5, 7, 20, 11)
    assert np.array_equal(MNIST(grey), MNIST(255 - grey))


def test_ink_of_pale_grey_on_grey_becomes_as_strong_as_mnists() -> None:
    strong = bar((40, 40), 10, 18, 20, 4)
    strong[10:13, 18:30] = 0
    pale = np.where(strong, 100, 130).astype(np.uint8)
    np.testing.assert_allclose(MNIST(pale), MNIST(strong), atol=1)


def test_a_speck_of_noise_does_not_stretch_the_box() -> None:
    grey = bar((40, 40), 10, 18, 20, 4)
    clean = MNIST(grey)
    grey[0, 0] = 230
    assert np.array_equal(MNIST(grey), clean)


def test_floats_are_the_same_as_bytes() -> None:
    grey = bar((50, 60), 5, 7, 20, 11)
    assert np.array_equal(MNIST(grey / 255), MNIST(grey))


@pytest.mark.parametrize("prepared", [MNIST, lambda grey: whole(grey, 28)], ids=["prepared", "whole"])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_sheet_is_blank(prepared: Any, level: int) -> None:
    with pytest.raises(Blank, match="is blank, expected something drawn or written"):
        prepared(np.full((40, 40), level, np.uint8))


def test_a_single_pixel_of_ink_is_an_image() -> None:
    assert MNIST(bar((9, 9), 4, 4, 1, 1)).max() == 255
    with pytest.raises(Blank):
        MNIST(np.zeros((1, 1), np.uint8))


def test_floats_outside_0_to_1_are_refused() -> None:
    with pytest.raises(DataError, match=r"has values from -1 to 2, expected uint8, or floats from 0 to 1"):
        MNIST(np.array([[-1.0, 2.0]]))
    with pytest.raises(DataError, match="has values from 0 to 1e"):
        MNIST(np.array([[0.0, 1e300]]))


def test_what_images_are_prepared_for_follows_from_what_was_learned() -> None:
    assert preparation_for("mnist", 784) is preparation_for("mnist_pickle", 784) is preparation_for("", 784) is MNIST
    assert preparation_for("digits", 64) is DIGITS
    assert preparation_for("fashion_mnist", 784) is None
    assert preparation_for("npz", 784) is None
    assert preparation_for("", 100) is None


# Accuracy, on real images.


def test_preparing_what_is_prepared_costs_no_accuracy(network: Network, test_part: Examples) -> None:
    images, direct = test_part.x.reshape(-1, 28, 28), network.evaluate(test_part) / TESTED
    assert direct > 0.9
    assert accuracy(network, images, test_part.y, None) == direct
    assert accuracy(network, images, test_part.y, MNIST) >= direct - 0.005
    assert accuracy(network, 255 - images, test_part.y, MNIST) >= direct - 0.005


def test_large_copies_anywhere_on_a_sheet_are_read_as_well(network: Network, test_part: Examples) -> None:
    rng, sheets = np.random.default_rng(1), []
    for image in test_part.x.reshape(-1, 28, 28):
        sheet = Picture.new("L", (260, 300), 255)
        sheet.paste(
            Picture.fromarray(255 - image).resize((140, 140), Picture.Resampling.BICUBIC),
            (int(rng.integers(120)), int(rng.integers(160))),
        )
        noise = rng.normal(0, 4, (300, 260))
        sheets.append(np.clip(np.asarray(sheet) * 0.6 + 40 + noise, 0, 255).astype(np.uint8))
    assert accuracy(network, sheets, test_part.y, MNIST) >= network.evaluate(test_part) / TESTED - 0.015


def test_small_digits_are_prepared_for_8_by_8() -> None:
    data = Digits().load()
    network = Network([64, 30, 10], rng=0)
    for epoch in range(30):
        network.train_epoch(data.train, np.random.default_rng(epoch).permutation(len(data.train)), 10, 3.0)
    images = (data.test.x.reshape(-1, 8, 8) * 15.9).astype(np.uint8)
    large = np.pad(255 - images.repeat(10, axis=1).repeat(10, axis=2), ((0, 0), (30, 9), (5, 30)), constant_values=255)
    direct = network.evaluate(data.test) / len(data.test)
    assert direct > 0.88
    assert accuracy(network, large, data.test.y, DIGITS) >= direct - 0.05


# Probabilities.


def test_a_probability_is_the_share_of_the_sum() -> None:
    assert probabilities(np.array([[0.9, 0.3], [0.0, 0.0]])).tolist() == [pytest.approx([0.75, 0.25]), [0.5, 0.5]]


def test_activations_end_with_the_outputs(network: Network, test_part: Examples) -> None:
    columns = (test_part.x.T / 256.0).astype(network.dtype)
    hidden, outputs = network.activations(columns)
    w, b = network.weights[0], network.biases[0]
    np.testing.assert_allclose(hidden, 1 / (1 + np.exp(-(w @ columns + b))), atol=1e-5)
    np.testing.assert_allclose(outputs.T, network.outputs(test_part), atol=1e-6)


# Files.


def read_grey(file: Path, n_inputs: int = 784) -> Any:
    (image,) = images_in(str(file), n_inputs)
    return image.grey


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_pngs_of_all_kinds_are_read_grey(tmp_path: Path, mode: str) -> None:
    grey = bar((20, 30), 5, 6, 7, 8)
    picture = Picture.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else Picture.fromarray(grey)
    (picture if mode == "I;16" else picture.convert(mode)).save(tmp_path / "x.png")
    assert np.array_equal(read_grey(tmp_path / "x.png"), grey)


@pytest.mark.parametrize("ink", [0, 255], ids=["black", "white"])
def test_transparency_is_the_background_that_ink_stands_out_from(tmp_path: Path, ink: int) -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[5:15, 8:12] = (ink, ink, ink, 255)
    Picture.fromarray(pixels).save(tmp_path / "x.png")
    grey = read_grey(tmp_path / "x.png")
    assert (grey[10, 10], grey[0, 0]) == (ink, 255 - ink)


@pytest.mark.parametrize(
    ("array", "names"),
    [
        (np.zeros((3, 28, 28), np.uint8), ["x.npz[0]", "x.npz[1]", "x.npz[2]"]),
        (np.zeros((2, 784)), ["x.npz[0]", "x.npz[1]"]),
        (np.zeros((40, 30), np.uint8), ["x.npz"]),
        (np.zeros(784), ["x.npz"]),
        (np.zeros((1, 28, 28)), ["x.npz[0]"]),
    ],
    ids=["images", "rows", "image", "values", "one of one"],
)
def test_an_array_is_images_or_rows_or_one_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, array: Any, names: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("x.npz", array)
    found = list(images_in("x.npz", 784))
    assert [image.name for image in found] == names
    assert {image.grey.shape for image in found} == {(28, 28) if array.shape != (40, 30) else (40, 30)}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3), "b": np.zeros(3)}, "holds a, b, expected one array, or one of them called images"),
        ({}, "holds nothing, expected one array"),
        ({"a": np.zeros((2, 8, 8, 3))}, r"a has shape \(2, 8, 8, 3\), expected grey images"),
        ({"a": np.zeros((0, 8, 8))}, r"a has shape \(0, 8, 8\), expected grey images"),
        ({"a": np.zeros((8, 8), int)}, "a holds int64, expected uint8 from 0 to 255, or floats"),
        ({"a": np.full((8, 8), np.nan)}, "a has an infinity or a NaN"),
        ({"a": np.array([{}])}, "holds Python objects, expected an image"),
    ],
)
def test_arrays_that_are_no_images_are_refused_by_name(tmp_path: Path, arrays: Any, message: str) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=f"x.npz: {message}"):
        list(images_in(str(tmp_path / "x.npz"), 784))


def test_an_image_of_another_size_can_not_be_left_as_it_is(network: Network) -> None:
    with pytest.raises(DataError, match="x: is 30 x 20 pixels, expected 784, as the network has inputs"):
        answers(network, [Image("x", np.zeros((20, 30), np.uint8))], None)


def test_floats_left_as_they_are_are_fed_as_they_are(network: Network, test_part: Examples) -> None:
    (answer,) = answers(network, [Image("x", test_part.x[0].reshape(28, 28) / 256)], None)
    np.testing.assert_allclose(answer.outputs, network.outputs(test_part)[0], atol=1e-6)


def test_a_sketch_has_two_pixels_in_each_character() -> None:
    assert sketch(np.array([[0, 9, 0, 9], [0, 0, 9, 9], [9, 0, 0, 0]])) == " ▀▄█\n▀"


# Models read as data.


def model_folder(folder: Path, network: Network, **flavour: Any) -> Path:
    import yaml

    (folder / "data").mkdir(parents=True)
    weights_file.save(network, folder / "data/weights.npz")
    said = {"loader_module": LOADER, "data": "data/weights.npz", "code": "code"} | flavour
    (folder / "MLmodel").write_text(yaml.safe_dump({"run_id": "abc", "flavors": {"python_function": said}}))
    return folder


def test_a_model_is_read_as_data(tmp_path: Path, network: Network) -> None:
    model = model_in(model_folder(tmp_path, network))
    assert weights_file.load(model.weights).fingerprint() == network.fingerprint()
    assert model.run_id == "abc"


@pytest.mark.parametrize(
    ("flavour", "message"),
    [
        ({"loader_module": "os"}, "is a model of os, expected one that nnexp has logged"),
        ({"data": "../weights.npz"}, "its data is '../weights.npz', expected a file in its folder"),
        ({"data": None}, "its data is None, expected a file in its folder"),
    ],
)
def test_a_model_of_others_is_refused(tmp_path: Path, network: Network, flavour: Any, message: str) -> None:
    weights_file.save(network, tmp_path / "weights.npz")
    with pytest.raises(UsageError, match=message):
        model_in(model_folder(tmp_path / "model", network, **flavour))


@pytest.mark.parametrize("text", ["- a", "!!python/object/apply:os.system [ls]", "flavors: 3", "\t", ""])
def test_a_damaged_mlmodel_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(UsageError, match="its MLmodel"):
        model_in(tmp_path)


def test_a_model_without_its_code_names_none(tmp_path: Path, network: Network) -> None:
    model = model_in(model_folder(tmp_path, network))
    without_code(model)
    assert "code" not in (tmp_path / "MLmodel").read_text()
    assert model_in(tmp_path).weights == model.weights


# The command.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, network: Network) -> Path:
    """A run's folder, two images, and the test images."""
    folder = tmp_path_factory.mktemp("predict")
    (folder / "run").mkdir()
    weights_file.save(network, folder / "run/weights.npz")
    (folder / "run/config.yaml").write_text("data:\n  kind: mnist\n")
    test = Mnist().load().test
    for position, name in enumerate(("seven", "two")):
        image = Picture.fromarray(255 - test.x[position].reshape(28, 28))
        image.resize((112, 112)).save(folder / f"{name}.png")
    np.savez(folder / "some.npz", x_test=test.x[:3].reshape(-1, 28, 28), y_test=test.y[:3])
    return folder


def predict(folder: Path, *words: str) -> Any:
    with contextlib.chdir(folder):
        return CliRunner().invoke(main, ["predict", *words], env={"COLUMNS": "120"})


def test_the_table_has_file_label_probability_and_second_guess(folder: Path) -> None:
    done = predict(folder, "run", "seven.png", "two.png", "some.npz")
    assert done.exit_code == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["file", "label", "probability", "second", "guess"]
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("seven.png", "7"),
        ("two.png", "2"),
        ("some.npz[0]", "7"),
        ("some.npz[1]", "2"),
        ("some.npz[2]", "1"),
    ]


def test_json_has_probabilities_that_add_up_to_1(folder: Path) -> None:
    (row,) = json.loads(predict(folder, "run/weights.npz", "seven.png", "--json").stdout)
    assert (row["file"], row["label"]) == ("seven.png", 7)
    assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert row["probability"] == max(row["probabilities"])
    assert row["second"] != 7


def test_what_the_network_saw_is_shown_and_written(folder: Path, tmp_path: Path) -> None:
    done = predict(folder, "run", "seven.png", "some.npz", "--show", "--saw", str(tmp_path / "seen"))
    assert "▄" in done.stdout
    files = sorted(tmp_path.glob("seen/*"))
    assert [file.name for file in files][:2] == ["000-seven.png", "001-some.npz[0].png"]
    assert np.array_equal(np.asarray(Picture.open(files[1])), MNIST(Mnist().load().test.x[0].reshape(28, 28)))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "none.png"], "none.png: is not there"),
        (["run", "run"], "run: is a folder, expected an image"),
        (["run", "seven.png", "--as-is"], "seven.png: is 112 x 112 pixels, expected 784"),
        (["run", "seven.png", "--best"], "best_weights.npz: is not there"),
        (["run/weights.npz", "seven.png", "--best"], "--best: run/weights.npz holds one network's weights"),
        (["seven.png", "seven.png"], "seven.png: .*expected a network saved by nnexp"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(folder: Path, words: list[str], message: str) -> None:
    import re

    done = predict(folder, *words)
    assert done.exit_code == 2
    assert re.search(message, done.stderr)
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_can_not_be_read_stops_no_other(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_text("no image")
    bad, none = str(tmp_path / "bad.png"), str(tmp_path / "none.png")
    done = predict(folder, "run/weights.npz", bad, "seven.png", none, "--json")
    assert done.exit_code == 2
    assert [each["file"] for each in json.loads(done.stdout)] == ["seven.png"]
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [bad, none]


def test_clothes_are_left_as_they_are(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "run", tmp_path / "run")
    (tmp_path / "run/config.yaml").write_text("data:\n  kind: fashion_mnist\n")
    assert "112 x 112 pixels" in predict(folder, str(tmp_path / "run"), "seven.png").stderr
    assert predict(folder, str(tmp_path / "run"), "seven.png", "--prepare").exit_code == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.slow
def test_a_run_its_best_weights_and_its_model_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from commands import client_of
    from running import give_store, run_nnexp

    give_store(tmp_path)
    assert run_nnexp(tmp_path, "experiments=quick", "epochs=3").returncode == 0
    client = client_of(tmp_path)
    (run,) = client.search_runs([client.get_experiment_by_name("nnexp").experiment_id])
    np.savez(tmp_path / "x.npz", Digits().load().test.x[:5].reshape(-1, 8, 8) * 15)
    client.create_registered_model("small")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", client.tracking_uri)  # MLflow looks the model up in its own way
    client.create_model_version("small", f"models:/{run.outputs.model_outputs[0].model_id}", run.info.run_id)
    words = [run.info.run_id[:8], f"runs:/{run.info.run_id}/model", "models:/small/1"]
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    store = ["--uri", client.tracking_uri, "--json"]
    found = [predict(elsewhere, word, "../x.npz", *store) for word in words]
    assert [done.exit_code for done in found] == [0, 0, 0], [done.stderr for done in found]
    assert found[0].stdout == found[1].stdout == found[2].stdout
    assert predict(tmp_path, words[0], "x.npz", "--best").exit_code == 0
    for word in ("runs:/none/model", "models:/none/1"):
        done = predict(tmp_path, word, "x.npz")
        assert not (elsewhere / "mlflow.db").exists()
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr
