"""What the command says, and leaves behind, when a run can't be or is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import remembered
from processes import line_of, started
from running import Command, give_store

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")]


def test_bad_settings_end_with_2_all_problems_no_traceback_and_no_run(nnexp_run: Command, tmp_path: Path) -> None:
    done = nnexp_run("eta=abc", "epochs=-1", "sizes=[100,30,10]", "tracking=nope")
    assert done.returncode == 2
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == {"eta", "epochs", "sizes", "tracking"}
    assert list(tmp_path.iterdir()) == []


def test_a_value_error_ends_with_2_and_leaves_nothing(nnexp_run: Command, tmp_path: Path) -> None:
    done = nnexp_run("eta=-1")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "eta: got -1.0, expected a number > 0\n")
    assert list(tmp_path.iterdir()) == []


def test_a_traceback_is_shown_on_request(nnexp_run: Command) -> None:
    done = nnexp_run("eta=-1", HYDRA_FULL_ERROR="1")
    assert "Traceback" in done.stderr


def test_missing_data_ends_with_2_and_leaves_nothing(nnexp_run: Command, tmp_path: Path) -> None:
    done = nnexp_run("data=npz", "data.path=nowhere.npz")
    assert done.returncode == 2
    assert done.stderr.startswith("nowhere.npz: is not there")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_mini_batch_larger_than_the_data_is_refused(nnexp_run: Command) -> None:
    done = nnexp_run("experiments=quick", "mini_batch_size=5000")
    assert done.stderr == "mini_batch_size: got 5000, but digits has 1,197 training examples\n"


def test_a_folder_that_can_not_be_written_is_named(nnexp_run: Command, tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file where a folder should be")
    done = nnexp_run("experiments=quick", "tracking=off")
    assert done.returncode == 2
    assert "outputs" in done.stderr
    assert "Traceback" not in done.stderr


def test_divergence_ends_with_1_failed_a_traceback_and_advice(nnexp_run: Command, tmp_path: Path) -> None:
    give_store(tmp_path)
    done = nnexp_run("experiments=quick", "activation=relu", "eta=1e30")
    assert done.returncode == 1
    assert "diverged in epoch 1" in done.stderr
    assert "Try a smaller eta (it was 1e+30)" in done.stderr
    assert "Traceback" not in done.stderr
    run = remembered(tmp_path)
    assert run.run.info.status == "FAILED"
    assert "Diverged" in run.artifact("traceback.txt").read_text()
    assert [step for step, _ in run.points("test_accuracy")] == [0]


def test_without_tracking_the_files_are_all_that_stays(nnexp_run: Command, tmp_path: Path) -> None:
    done = nnexp_run("experiments=quick", "epochs=1", "tracking=off")
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["outputs"]
    (folder,) = tmp_path.glob("outputs/*/*")
    files = {".nnexp", "config.yaml", "run.log", "epochs.json", "weights.npz", "best_weights.npz"}
    files |= {"classes.csv", "figures", "images"}
    assert {path.name for path in folder.iterdir()} == files


def test_the_environment_names_the_store(nnexp_run: Command, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (give_store(tmp_path / "elsewhere") / "mlflow.db").rename(tmp_path / "elsewhere/runs.db")
    uri = f"sqlite:///{tmp_path}/elsewhere/runs.db"
    done = nnexp_run("experiments=quick", "epochs=1", MLFLOW_TRACKING_URI=uri)
    assert done.returncode == 0, done.stderr
    assert f"--uri {uri}" in done.stdout
    assert not (tmp_path / "mlflow.db").exists()


# Signals.


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_in_the_middle_of_an_epoch_leaves_a_killed_run_with_its_epochs(
    tmp_path: Path, number: signal.Signals, name: str
) -> None:
    give_store(tmp_path)
    with started(tmp_path, "sizes=[784,100,10]", "epochs=1000", stderr=subprocess.PIPE) as process:  # minutes
        line_of(process, "epoch    3/1000")  # everyone has heard of epoch 2
        time.sleep(0.1)  # some way into epoch 4, which takes more than twice that
        os.kill(process.pid, number)
        os.kill(process.pid, number)  # an impatient second one must not tear the end
        _, errors = process.communicate()
    assert process.returncode == 128 + number
    run = remembered(tmp_path)
    assert run.run.info.status == "KILLED"
    steps = [step for step, _ in run.points("test_accuracy")]
    assert steps == list(range(len(steps)))
    assert len(steps) >= 3
    assert errors == f"stopped by {name}; the same command again goes on after epoch {steps[-1]}\n"
    assert run.artifact("run.log").stat().st_size > 0
