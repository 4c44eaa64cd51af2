"""The final network as an MLflow model: loaded through `nnexp.tracking.mlflow.pyfunc_loader`, without a pickle."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.weights_file import load
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.mlflow.model_template import Template, template
from nnexp.tracking.mlflow.private import store_files

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

NAME = "model"
EPOCH = "nnexp.epoch"  # a tag of a model: which epoch its weights are of; those of earlier runs have none
SHOWN = 2  # examples
ONE = threading.Lock()  # a template is made once


def log_model(
    client: MlflowClient, run: Run, network: Network, weights: Path, examples: Examples, step: int, new: bool = False
) -> None:
    """Log the weights' file as the run's model `model`, with a signature and two of the examples as input example.

    Done in steps that each look what is there already, so that a run that was cut short in here goes on where it
    was. A run that was pruned and has gone on has a model of either end. step: the epoch that the network is of. new:
    whether the run has just been made, so that nothing is there.
    """
    _log(client, run, template_of(network, examples), weights, step, new)


def log_weights(client: MlflowClient, run: Run, weights: Path, step: int, new: bool) -> None:
    """The same for a run that was copied without its examples, which its model then does not show."""
    network = load(weights)
    with ONE:  # several runs may be copied at once
        common = template(network.sizes[0], network.sizes[-1], network.dtype.name, b"")
    _log(client, run, common, weights, step, new)


def _log(client: MlflowClient, run: Run, common: Template, weights: Path, step: int, new: bool) -> None:
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus
    from mlflow.models import Model

    begun = None if new else _begun(client, run, step)
    model = begun or client.create_logged_model(
        run.info.experiment_id, name=NAME, source_run_id=run.info.run_id, tags={EPOCH: str(step)}
    )
    if model.status != LoggedModelStatus.READY:
        described = Model(run_id=run.info.run_id, model_id=model.model_id, artifact_path=model.artifact_location)
        with temporary_folder() as folder:
            common.write(Path(folder), described, weights)
            store_files(client.tracking_uri, model.artifact_location, folder)
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    if not (begun and model.model_id in _outputs(client, run)):
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step)])


def template_of(network: Network, examples: Examples) -> Template:
    """What models of such networks have in common; made once a process. examples: the first of them are shown."""
    shown = (examples.x[:SHOWN] * network.dtype.type(examples.scale)).astype(network.dtype)
    return template(network.sizes[0], network.sizes[-1], network.dtype.name, shown.tobytes())


def _begun(client: MlflowClient, run: Run, step: int) -> LoggedModel | None:
    """The run's model of this epoch, if an earlier start has begun one."""
    of_run = f"source_run_id = '{run.info.run_id}'"
    found = client.search_logged_models([run.info.experiment_id], filter_string=of_run)
    return next((model for model in found if model.tags.get(EPOCH, str(step)) == str(step)), None)


def _outputs(client: MlflowClient, run: Run) -> set[str]:
    """The ids of the models that the run says to have made."""
    return {output.model_id for output in client.get_run(run.info.run_id).outputs.model_outputs}
