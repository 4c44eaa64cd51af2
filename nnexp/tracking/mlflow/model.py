"""The final network as an MLflow model: loaded through `nnexp.tracking.mlflow.pyfunc_loader`, without a pickle."""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnexp.nn.examples import Examples
from nnexp.nn.network import Network

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.models import Model, ModelSignature

NAME = "model"
LOADER = "nnexp.tracking.mlflow.pyfunc_loader"
LOADERS = (LOADER, "nnexp.track.served")  # and that of models from before nnexp/track/served.py was a mere name
PACKAGE = Path(__file__).resolve().parents[2]
SHIPPED = (
    *("__init__.py", "component.py", "discovery.py", "disk_full.py", "errors.py", "printable.py", "nn/**/*.py"),
    *("tracking/__init__.py", "tracking/mlflow/__init__.py", "tracking/mlflow/pyfunc_loader.py"),
)
NEEDED = ("numpy", "scipy", "threadpoolctl")


def log_model(client: MlflowClient, run: Run, network: Network, weights: Path, examples: Examples, step: int) -> None:
    """Log the weights' file as the run's model `model`, with a signature and two of the examples as input example.

    Done in steps that each look what is there already, so that a run that was cut short in here goes on where it
    was. step: the epoch that the network is of.
    """
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus
    from mlflow.models import Model

    model = _model_of(client, run)
    if model.status != LoggedModelStatus.READY:
        with tempfile.TemporaryDirectory() as folder:
            saved = Model(run_id=run.info.run_id, model_id=model.model_id, artifact_path=model.artifact_location)
            _save(saved, Path(folder), network, weights, examples)
            client.log_model_artifacts(model.model_id, str(Path(folder) / NAME))
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    known = {output.model_id for output in client.get_run(run.info.run_id).outputs.model_outputs}
    if model.model_id not in known:
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step)])


def _model_of(client: MlflowClient, run: Run) -> LoggedModel:
    """The run's model, begun before or made now; filed in the run's experiment."""
    experiment, run_id = run.info.experiment_id, run.info.run_id
    begun = client.search_logged_models([experiment], filter_string=f"source_run_id = '{run_id}'", max_results=1)
    return begun[0] if begun else client.create_logged_model(experiment, name=NAME, source_run_id=run_id)


def _save(model: Model, folder: Path, network: Network, weights: Path, examples: Examples) -> None:
    """Write the model's files into `folder`. It carries the few modules of nnexp that it needs."""
    import mlflow.pyfunc

    shown = (examples.x[:2] * network.dtype.type(examples.scale)).astype(network.dtype)
    mlflow.pyfunc.save_model(
        str(folder / NAME),
        mlflow_model=model,
        loader_module=LOADER,
        data_path=str(weights),
        code_paths=[str(_shipped_code(folder))],
        pip_requirements=[f"{package}=={version(package)}" for package in NEEDED],
        signature=_signature(network),
        input_example=shown,
    )


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
