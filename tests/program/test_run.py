"""The command itself, in a process of its own, and what its run leaves in MLflow."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Remembered, client_of, remembered
from processes import answer_of, free_port, started
from running import PATIENCE, environment, run_new

from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist
from nnexp.nn.weights_file import load

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Remembered:
    """`experiments=quick` in an empty folder."""
    folder = tmp_path_factory.mktemp("quick")
    done = run_new(folder, "experiments=quick")
    assert done.returncode == 0, done.stderr
    return remembered(folder, done.stdout)


def test_a_run_leaves_mlflow_db_mlruns_and_outputs_and_nothing_else(quick: Remembered) -> None:
    assert {path.name for path in quick.folder.iterdir()} == {"mlflow.db", "mlruns", "outputs"}


def test_a_finished_run_is_finished(quick: Remembered) -> None:
    assert quick.run.info.status == "FINISHED"


def test_a_run_is_named_by_what_it_is(quick: Remembered) -> None:
    assert quick.run.info.run_name == "64-30-10 eta=3 seed=0 epochs=20 data=digits"


@pytest.mark.parametrize("metric", ["test_accuracy", "validation_accuracy"])
def test_each_epoch_has_each_accuracy_once_the_untrained_network_as_epoch_0(quick: Remembered, metric: str) -> None:
    assert [step for step, _ in quick.points(metric)] == list(range(21))


@pytest.mark.parametrize("metric", ["train_cost", "epoch_seconds", "examples_per_second"])
def test_each_trained_epoch_has_each_other_metric_once(quick: Remembered, metric: str) -> None:
    assert [step for step, _ in quick.points(metric)] == list(range(1, 21))


def test_the_test_accuracy_that_is_told_is_that_of_the_epoch_with_the_best_validation_accuracy(
    quick: Remembered,
) -> None:
    step, value = max(quick.points("validation_accuracy"), key=lambda point: (point[1], -point[0]))
    metrics = quick.run.data.metrics
    assert (metrics["best_validation_epoch"], metrics["best_validation_accuracy"]) == (step, value)
    assert metrics["test_accuracy_at_best_validation"] == dict(quick.points("test_accuracy"))[step]


def test_no_metric_is_chosen_on_test(quick: Remembered) -> None:
    assert {"best_test_accuracy", "best_epoch"}.isdisjoint(quick.run.data.metrics)


def test_every_setting_is_a_param(quick: Remembered) -> None:
    wanted = {"sizes": "[64,30,10]", "epochs": "20", "mini_batch_size": "10", "eta": "3.0", "seed": "0"}
    wanted |= {"dtype": "float32", "threads": "1", "data": "digits", "activation": "sigmoid", "cost": "quadratic"}
    wanted |= {"init": "scaled_gaussian", "tracking": "mlflow", "tracking.experiment": "nnexp", "tracking.uri": "null"}
    wanted |= {"resume": "auto", "checkpoint_seconds": "2.0", "checkpoint_upload": "False"}
    wanted |= {"schedule.warm_up": "0", "stopping.restore_best": "False"}
    wanted |= {"pictures": "True", "monitor": "[]", "dropout": "0", "optimiser": "sgd", "regulariser": "none"}
    wanted |= {"average": "none", "augment": "none"}
    wanted |= {"activation.layers": "[]", "schedule": "constant", "stopping": "never", "engine": "compiled"}
    wanted |= {"train_size": "null", "balanced": "False", "label_noise": "0.0", "standardise": "False"}
    assert quick.run.data.params == wanted


def test_tags_say_what_data_code_and_versions_made_the_run(quick: Remembered) -> None:
    tags = quick.run.data.tags
    assert tags["nnexp.data.sha256"] == Digits().load().sha256
    assert tags["nnexp.version.numpy"] == np.__version__
    assert "openblas" in tags["nnexp.version.blas"]


def test_the_command_in_the_tags_makes_the_same_weights_again(quick: Remembered, tmp_path: Path) -> None:
    command = quick.run.data.tags["nnexp.command"]
    assert command.startswith("python -m nnexp.run ")
    again = command.replace("python", sys.executable, 1) + " tracking=off"
    subprocess.run(again, shell=True, cwd=tmp_path, env=environment(), check=True, capture_output=True)  # noqa: S602
    (weights,) = tmp_path.glob("outputs/*/*/weights.npz")
    for ours, theirs in zip(load(weights).weights, load(quick.artifact("weights.npz")).weights, strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_the_logged_weights_reproduce_the_logged_accuracy(quick: Remembered) -> None:
    test = Digits().load().test
    assert load(quick.artifact("weights.npz")).evaluate(test) / len(test) == quick.run.data.metrics["test_accuracy"]


def test_weights_can_be_read_without_unpickling(quick: Remembered) -> None:
    with np.load(quick.artifact("weights.npz"), allow_pickle=False) as arrays:
        assert arrays["weights_1"].shape == (30, 64)


@pytest.mark.parametrize(
    "name",
    [
        "config.yaml",
        "weights.npz",
        "run.log",
        "figures/learning_curve.png",
        "figures/confusion_matrix.png",
        "figures/worst_mistakes.png",
        "figures/reliability.png",
    ],
)
def test_the_runs_files_are_artifacts(quick: Remembered, name: str) -> None:
    assert quick.artifact(name).stat().st_size > 0


def test_the_first_layer_is_an_image_of_a_few_steps(quick: Remembered) -> None:
    names = [Path(file.path).name for file in quick.client.list_artifacts(quick.run.info.run_id, "images")]
    assert sorted(int(name.split("+")[2]) for name in names if name.endswith(".png")) == [0, 1, 2, 5, 10, 20]
    assert quick.run.data.tags["mlflow.loggedImages"] == "True"


def test_no_checkpoint_is_uploaded_unless_it_is_asked_for(quick: Remembered) -> None:
    assert "checkpoints" not in {file.path for file in quick.client.list_artifacts(quick.run.info.run_id)}


def test_config_yaml_holds_the_resolved_configuration(quick: Remembered) -> None:
    text = quick.artifact("config.yaml").read_text()
    assert "eta: 3.0" in text
    assert "kind: digits" in text


def test_the_log_has_a_line_for_each_epoch(quick: Remembered) -> None:
    assert len(re.findall(r"epoch +\d+/20 ", quick.artifact("run.log").read_text())) == 21


def test_without_a_terminal_each_epoch_is_a_plain_line(quick: Remembered) -> None:
    lines = [line for line in quick.output.splitlines() if line.startswith("epoch ")]
    assert len(lines) == 21
    assert re.fullmatch(r"epoch 20/20  test \d+\.\d\d %  validation \d+\.\d\d %  cost 0\.\d{4}  \d+\.\d\d s", lines[-1])


def test_the_data_set_is_an_input_with_its_hash_as_digest(quick: Remembered) -> None:
    (given,) = quick.run.inputs.dataset_inputs
    assert given.dataset.name == "digits"
    assert Digits().load().sha256.startswith(given.dataset.digest)


def test_the_end_tells_the_accuracy_the_id_and_what_to_type_to_look_at_the_run(quick: Remembered) -> None:
    info = quick.run.info
    told = quick.run.data.metrics["test_accuracy_at_best_validation"]
    assert f"\ntest accuracy {100 * told:.2f} % in epoch " in quick.output
    assert f"\nrun     {info.run_id}\nlook    nnexp ui {info.run_id[:8]}\n" in quick.output


def model_of(run: Remembered) -> Any:
    (model,) = run.run.outputs.model_outputs
    return run.client.get_logged_model(model.model_id)


def test_the_model_is_filed_in_the_runs_experiment_and_ready(quick: Remembered) -> None:
    model = model_of(quick)
    assert (model.experiment_id, model.source_run_id) == (quick.run.info.experiment_id, quick.run.info.run_id)
    assert str(model.status) == "READY"


def test_the_model_says_the_same_labels_as_the_network(quick: Remembered) -> None:
    from mlflow.pyfunc import load_model

    test = Digits().load().test
    seen = (test.x * np.float32(test.scale)).astype(np.float32)
    said = load_model(model_of(quick).artifact_location).predict(seen)
    network = load(quick.artifact("weights.npz"))
    np.testing.assert_array_equal(said.argmax(axis=1), network.outputs(test).argmax(axis=1))


def test_the_model_has_a_signature_an_input_example_and_no_pickle(quick: Remembered) -> None:
    folder = Path(model_of(quick).artifact_location)
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"input_example.json", "weights.npz"} <= names
    assert not [name for name in names if name.endswith((".pkl", ".pickle"))]
    assert '"shape": [-1, 64]' in (folder / "MLmodel").read_text()


def test_the_model_loads_where_nnexp_is_not_installed(quick: Remembered, tmp_path: Path) -> None:
    """With only the code that it carries."""
    folder = Path(model_of(quick).artifact_location)
    script = f"""
import importlib.util, os, sys
sys.path[:] = [path for path in sys.path if not os.path.isdir(os.path.join(path, "nnexp"))]
assert importlib.util.find_spec("nnexp") is None
import mlflow.pyfunc, numpy
model = mlflow.pyfunc.load_model({str(folder)!r})
print(model.predict(numpy.zeros((3, 64), "float32")).shape)
"""
    found = subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.strip() == "(3, 10)", found.stderr


def test_nnexp_is_whole_where_a_model_of_it_was_loaded_first(quick: Remembered, tmp_path: Path) -> None:
    """The model puts the few modules that it carries first on the path."""
    script = f"""
import mlflow.pyfunc
mlflow.pyfunc.load_model({str(model_of(quick).artifact_location)!r})
from nnexp import load_data
print(len(load_data()))
"""
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert found.stdout.strip() == "3", found.stderr


# First starts, and the real thing.


def test_four_first_starts_in_an_empty_folder_make_four_finished_runs_in_one_experiment(tmp_path: Path) -> None:
    command = ["experiments=quick", "epochs=2", "pictures=false"]
    with ExitStack() as stack:
        starts = [stack.enter_context(started(tmp_path, *command, f"seed={seed}")) for seed in range(4)]
        outputs = [process.communicate()[0] for process in starts]
    assert [process.returncode for process in starts] == [0] * 4, outputs
    client = client_of(tmp_path)
    experiment = client.get_experiment_by_name("nnexp")
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(run.data.params["seed"] for run in runs) == list("0123")
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert client.search_runs(["0"]) == []
    assert len(list(tmp_path.glob("outputs/*/*"))) == 4


def test_the_readmes_command_reaches_97_5_percent_on_mnist_in_30_epochs(tmp_path: Path) -> None:
    done = run_new(tmp_path, "sizes=[784,100,10]", "eta=3.0")
    assert done.returncode == 0, done.stderr
    run = remembered(tmp_path)
    accuracy = run.points("test_accuracy")
    assert [step for step, _ in accuracy] == list(range(31))
    assert accuracy[-1][1] > 0.975
    test = Mnist().load().test
    assert load(run.artifact("weights.npz")).evaluate(test) / len(test) == accuracy[-1][1]


def test_the_model_can_be_served(quick: Remembered, tmp_path: Path) -> None:
    """`mlflow models serve` on the loopback answers with the network's outputs."""
    import urllib.request

    port = free_port()
    bin_folder = str(Path(sys.executable).parent)
    model = model_of(quick).artifact_location
    server = subprocess.Popen(
        ["mlflow", "models", "serve", "-m", model, "-h", "127.0.0.1", "-p", str(port), "--env-manager", "local"],
        cwd=tmp_path,
        env=environment() | {"PATH": f"{bin_folder}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        example = json.dumps({"inputs": np.zeros((2, 64)).tolist()}).encode()
        address = f"http://127.0.0.1:{port}/invocations"
        request = urllib.request.Request(address, example, {"Content-Type": "application/json"})
        outputs = np.array(json.loads(answer_of(server, request))["predictions"])
        network = load(quick.artifact("weights.npz"))
        np.testing.assert_allclose(outputs, network.feedforward(np.zeros((64, 2))).T, rtol=1e-5)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=PATIENCE)


def test_a_signal_of_which_a_library_makes_an_error_of_its_own_is_heard_all_the_same(tmp_path: Path) -> None:
    script = """
import os, signal
from nnexp import run

def start(_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt:
        raise AttributeError("what was half done")

run._start = start
run.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 128 + signal.SIGTERM
    assert done.stderr == "stopped by SIGTERM; the same command again goes on\n"
