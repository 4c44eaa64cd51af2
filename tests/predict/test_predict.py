"""`nnexp predict`: the command."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as Picture

from nnexp.cli import main
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist
from nnexp.nn import weights_file
from nnexp.nn.network import Network
from nnexp.predict.preparation import MNIST


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
    (row,) = json.loads(predict(folder, "run/weights.npz", "seven.png", "--json").stdout)["answers"]
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
    assert [each["file"] for each in json.loads(done.stdout)["answers"]] == ["seven.png"]
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
