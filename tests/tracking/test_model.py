"""Networks as MLflow models: each its own, though what they have in common is made once a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.weights_file import save
from nnexp.tracking.mlflow.store import open_store

pytestmark = [  # of SQLAlchemy at MLflow, and of MLflow at its own type hints
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


@pytest.fixture
def client(uri: str) -> Any:
    return open_store(uri, "nnexp").client


def logged(client: Any, network: Network, folder: Path, new: bool = True, run: Any = None) -> Any:
    """A run, with the network as its model."""
    from nnexp.tracking.mlflow.model import log_model

    run = run or client.create_run(client.get_experiment_by_name("nnexp").experiment_id)
    weights = folder / "weights.npz"
    save(network, weights)
    log_model(client, run, network, weights, examples_for(network), step=7, new=new)
    return client.get_run(run.info.run_id)


def examples_for(network: Network) -> Examples:
    x = np.random.default_rng(0).random((3, network.sizes[0])).astype(network.dtype)
    return Examples(x, np.zeros(3, int))


def model_of(client: Any, run: Any) -> Any:
    (output,) = run.outputs.model_outputs
    return client.get_logged_model(output.model_id)


def described(client: Any, run: Any) -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load((Path(model_of(client, run).artifact_location) / "MLmodel").read_text())
    return said


def test_networks_of_other_sizes_types_and_weights_are_each_what_is_loaded(client: Any, tmp_path: Path) -> None:
    import mlflow.pyfunc

    networks = [
        Network([4, 3, 2], rng=0),
        Network([4, 3, 2], rng=1),
        Network([4, 5, 5, 2], rng=0),
        Network([9, 3], rng=0),
        Network([4, 3, 2], rng=0, dtype="float64"),
    ]
    for network in networks:
        model = mlflow.pyfunc.load_model(model_of(client, logged(client, network, tmp_path)).artifact_location)
        examples = examples_for(network)
        np.testing.assert_array_equal(model.predict(examples.x), network.outputs(examples))
        np.testing.assert_allclose(model.input_example, examples.x[:2])


def test_a_model_says_of_which_run_it_is_and_no_two_are_one(client: Any, tmp_path: Path) -> None:
    runs = [logged(client, Network([4, 3, 2], rng=seed), tmp_path) for seed in range(2)]
    said = [described(client, run) for run in runs]
    assert [each["run_id"] for each in said] == [run.info.run_id for run in runs]
    for name in ("model_id", "model_uuid", "utc_time_created", "artifact_path"):
        assert said[0].pop(name) != said[1].pop(name)
    assert said[0] | {"run_id": said[1]["run_id"]} == said[1]


def test_a_model_is_ready_and_the_runs_output(client: Any, tmp_path: Path) -> None:
    run = logged(client, Network([4, 2], rng=0), tmp_path)
    model = model_of(client, run)
    assert (model.status, model.source_run_id, model.name) == ("READY", run.info.run_id, "model")
    assert run.outputs.model_outputs[0].step == 7


def test_a_larger_network_is_a_larger_model_by_what_its_weights_are_larger(client: Any, tmp_path: Path) -> None:
    sizes = []
    for hidden in (3, 300):
        run = logged(client, Network([4, hidden, 2], rng=0), tmp_path)
        sizes.append(described(client, run)["model_size_bytes"] - (tmp_path / "weights.npz").stat().st_size)
    assert sizes[0] == sizes[1] > 0


def test_a_model_says_what_mlflow_would(client: Any, tmp_path: Path) -> None:
    import mlflow.pyfunc
    from mlflow.models import infer_signature

    network = Network([4, 2], rng=0)
    said = described(client, logged(client, network, tmp_path))
    x = examples_for(network).x[:2]
    mlflow.pyfunc.save_model(
        str(tmp_path / "theirs"),
        loader_module="nnexp.tracking.mlflow.pyfunc_loader",
        data_path=str(tmp_path / "weights.npz"),
        pip_requirements=["numpy"],
        signature=infer_signature(x, network.outputs(examples_for(network))),
        input_example=x,
    )
    theirs = yaml.safe_load((tmp_path / "theirs" / "MLmodel").read_text())
    assert {*said} - {*theirs} == {"run_id", "artifact_path"}
    codes = [each["flavors"]["python_function"].pop("code") for each in (said, theirs)]
    assert codes == ["code/nnexp.zip", None]
    for name in ("flavors", "signature", "saved_input_example_info", "mlflow_version", "model_size_bytes"):
        assert said[name] == theirs[name]


def test_a_model_that_was_begun_is_finished_and_not_made_again(client: Any, tmp_path: Path) -> None:
    run = client.create_run(client.get_experiment_by_name("nnexp").experiment_id)
    begun = client.create_logged_model(run.info.experiment_id, name="model", source_run_id=run.info.run_id)
    for _ in range(2):
        after = logged(client, Network([4, 2], rng=0), tmp_path, new=False, run=run)
        model = model_of(client, after)
        assert (model.model_id, model.status) == (begun.model_id, "READY")
