"""A network out of an MLflow model, read as data: none of the code that the model carries is run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnexp.errors import UsageError, in_a_line
from nnexp.tracking.mlflow.model_template import FILE, LOADER

LOADERS = (LOADER, "nnexp.track.served")  # and that of models from before nnexp/track/served.py was a mere name
LARGEST_FILE = 1_000_000  # bytes; of what says what a model is


@dataclass(frozen=True)
class StoredModel:
    """An MLflow model of nnexp's in a folder. weights: its file. run_id: of the run that made it; empty if unknown."""

    folder: Path
    weights: Path
    run_id: str


def is_model(folder: Path) -> bool:
    """Whether MLflow would take the folder for a model."""
    return (folder / FILE).is_file()


def fetched(address: str, store_uri: str, folder: Path) -> StoredModel:
    """A copy, made in this folder, of the model at an MLflow address; `UsageError` if there is none of ours.

    address: `runs:/ID/model`, `models:/NAME/1`, or any other that MLflow fetches artifacts from.
    """
    try:
        from mlflow.artifacts import download_artifacts

        with _default(store_uri):
            copy = download_artifacts(address, dst_path=str(folder))
    except Exception as error:  # each artifact store of MLflow's has its own
        raise UsageError(f"{address}: no model can be read there ({in_a_line(error)})") from error
    return model_in(Path(copy), address)


@contextmanager
def _default(store_uri: str) -> Iterator[None]:
    """Make it MLflow's default store for a while: what an address leads on to is looked up there, come what may."""
    name = "MLFLOW_TRACKING_URI"
    before = os.environ.get(name)
    os.environ[name] = store_uri
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def model_in(folder: Path, name: str = "") -> StoredModel:
    """The model in a folder; `UsageError` if it is none that nnexp has logged. name: what the error calls it."""
    name = name or str(folder)
    said = _read(folder, name)
    flavour = said.get("flavors", {}).get("python_function", {})
    if flavour.get("loader_module") not in LOADERS:
        found = flavour.get("loader_module", "no python_function")
        raise UsageError(f"{name}: is a model of {found}, expected one that nnexp has logged ({LOADER})")
    weights = (folder / str(flavour.get("data"))).resolve()
    if folder.resolve() not in weights.parents or not weights.is_file():
        raise UsageError(f"{name}: its data is {flavour.get('data')!r}, expected a file in its folder")
    return StoredModel(folder, weights, str(said.get("run_id") or ""))


def without_code(model: StoredModel) -> None:
    """Let the model in this folder be loaded by the nnexp that is installed, and not by the code that it carries."""
    import yaml

    said = _read(model.folder, str(model.folder))
    said["flavors"]["python_function"].pop("code", None)
    (model.folder / FILE).write_text(yaml.safe_dump(said))


def _read(folder: Path, name: str) -> dict[str, Any]:
    import yaml

    try:
        file = folder / FILE
        if file.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{name}: its {FILE} is larger than {LARGEST_FILE} bytes, expected what MLflow writes")
        said = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{name}: its {FILE} can't be read ({in_a_line(error)}), expected an MLflow model") from error
    flavours = said.get("flavors") if isinstance(said, dict) else None
    if not isinstance(flavours, dict) or not all(isinstance(each, dict) for each in flavours.values()):
        raise UsageError(f"{name}: its {FILE} names no flavors, expected what MLflow writes")
    return dict(said)
