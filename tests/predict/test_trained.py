"""Models read as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnexp.errors import UsageError
from nnexp.nn import weights_file
from nnexp.nn.network import Network
from nnexp.tracking.mlflow.model_template import LOADER
from nnexp.tracking.mlflow.stored_model import model_in, without_code


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
