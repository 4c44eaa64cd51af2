"""The final network as an MLflow model: loaded through `nnexp.track.served`, without a pickle."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.examples import Examples
from nnexp.nn.network import Network

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.models import ModelSignature

PACKAGE = Path(__file__).resolve().parent.parent
SHIPPED = ("__init__.py", "choice.py", "errors.py", "nn/*.py", "track/__init__.py", "track/served.py")
NEEDED = ("numpy", "scipy", "threadpoolctl")


def log_model(client: MlflowClient, run: Run, network: Network, weights: Path, examples: Examples, step: int) -> None:
    """Log the weights' file as the run's model `model`, with a signature and two of the examples as input example.

    It carries the few modules that it needs, so that it can be served where nnexp is not installed.
    step: the epoch whose metrics belong to it.
    """
    import mlflow.pyfunc
    from mlflow.entities import LoggedModelStatus
    from mlflow.models import Model

    # Made here, for by itself MLflow would file it under its current experiment, which need not be the run's.
    model = client.create_logged_model(run.info.experiment_id, name="model", source_run_id=run.info.run_id)
    shown = (examples.x[:2] * network.dtype.type(examples.scale)).astype(network.dtype)
    with tempfile.TemporaryDirectory() as folder, _mlflow_globals(client.tracking_uri):
        Model.log(
            artifact_path=None,
            model_id=model.model_id,
            flavor=mlflow.pyfunc,
            run_id=run.info.run_id,
            step=step,
            loader_module="nnexp.track.served",
            data_path=str(weights),
            code_paths=[str(_shipped_code(Path(folder)))],
            pip_requirements=[f"{package}=={version(package)}" for package in NEEDED],
            signature=_signature(network),
            input_example=shown,
        )
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)


def _signature(network: Network) -> ModelSignature:
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    def rows(n: int) -> Schema:
        return Schema([TensorSpec(np.dtype(network.dtype), (-1, n))])

    return ModelSignature(inputs=rows(network.sizes[0]), outputs=rows(network.sizes[-1]))


def _shipped_code(folder: Path) -> Path:
    """A copy of those modules of nnexp that a served network needs."""
    copy = folder / "nnexp"
    for pattern in SHIPPED:
        for file in PACKAGE.glob(pattern):
            target = copy / file.relative_to(PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return copy


@contextmanager
def _mlflow_globals(uri: str) -> Iterator[None]:
    """MLflow logs models to its global address, and adds to sys.path while it tries one out; both are put back."""
    import mlflow

    path, address = list(sys.path), os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(uri)  # sets the variable too
    try:
        yield
    finally:
        sys.path[:] = path
        mlflow.set_tracking_uri(address or "")
