"""Sweeps that are killed or interrupted, in processes of their own."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from commands import client_of
from processes import catches, group, started, wait_until, workers
from running import PATIENCE, give_store, run_nnexp
from sweeping import all_in, jobs_in, sweep

from nnexp.nn.weights_file import load

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

KILLS = int(os.environ.get("NNEXP_KILLS", "1"))  # of each sort
LONG = ["-m", "data=digits", "sizes=[64,30,10],[64,20,10]", "eta=0.5,1.0", "seed=range(4)", "epochs=150"]
LONG += ["checkpoint_seconds=0.2", "launch.workers=2"]


def weights_in(folder: Path) -> dict[str, str]:
    client = client_of(folder)
    return {
        run.data.tags["nnexp.key"]: load(Path(client.download_artifacts(run.info.run_id, "weights.npz"))).fingerprint()
        for run in jobs_in(folder)
    }


def training(folder: Path) -> int:
    """How many runs have come as far as an epoch; looked up without MLflow, which would write into the store."""
    with closing(sqlite3.connect(f"file:{folder}/mlflow.db?mode=ro", uri=True, timeout=PATIENCE)) as store:
        return len(store.execute("SELECT run_uuid FROM latest_metrics WHERE key = 'train_cost'").fetchall())


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The weights, by key, of the same sweep one job after the other, undisturbed."""
    folder = give_store(tmp_path_factory.mktemp("serial"))
    done = run_nnexp(folder, *LONG, "launch=serial", "launch.workers=1")
    assert done.returncode == 0, done.stderr
    return weights_in(folder)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
@pytest.mark.parametrize("killed", ["all of it", "the parent alone", "a worker alone"])
def test_a_sweep_killed_anywhere_and_started_again_is_the_serial_one(
    tmp_path: Path, serial: dict[str, str], killed: str, number: int
) -> None:
    give_store(tmp_path)
    rng = random.Random(f"{killed} {number}")
    with started(tmp_path, *LONG) as process:
        time.sleep(rng.uniform(1.0, 10.0))  # whatever it is at by then
        if killed == "all of it":
            os.killpg(process.pid, signal.SIGKILL)
        elif killed == "the parent alone":
            process.kill()
        elif found := workers(process.pid):
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(rng.choice(found), signal.SIGKILL)
        process.communicate()
        wait_until(lambda: not group(process.pid), "no process of the sweep is left", 60)
    done = run_nnexp(tmp_path, *LONG)
    assert done.returncode == 0, done.stderr
    runs = jobs_in(tmp_path)
    assert [run.info.status for run in runs] == ["FINISHED"] * 16
    assert weights_in(tmp_path) == serial
    client = client_of(tmp_path)
    for run in runs:
        points = client.get_metric_history(run.info.run_id, "test_accuracy")
        assert sorted(point.step for point in points) == list(range(151))
    shutil.rmtree(tmp_path / "mlruns")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_sweep_leaves_every_run_killed_and_no_process(tmp_path: Path, number: signal.Signals) -> None:
    give_store(tmp_path)
    words = ["-m", "sizes=[784,30,10]", "epochs=10000", "seed=range(4)", "launch.workers=2"]  # an hour
    with started(tmp_path, *words) as process:
        wait_until(lambda: training(tmp_path) == 2, "both workers train")
        stopped = time.monotonic()
        if number is signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.terminate()
        output, _ = process.communicate()
        took = time.monotonic() - stopped
        wait_until(lambda: not group(process.pid), "no process of the sweep is left", 60)
    assert process.returncode == 128 + number
    assert "the same command again goes on" in output
    assert took < 120  # five seconds on a machine that has nothing else to do
    assert {run.info.status for run in all_in(tmp_path)} == {"KILLED"}


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.2, 1.0, 2.0])
def test_a_sweep_stopped_while_it_gets_ready_says_so_in_a_line(tmp_path: Path, seconds: float) -> None:
    """From the moment on when it listens to signals; before, Python itself is still getting ready."""
    give_store(tmp_path)
    with started(tmp_path, "-m", "epochs=1000", "seed=0,1") as process:
        wait_until(lambda: catches(process.pid, signal.SIGTERM), "it listens to signals")
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate()
        wait_until(lambda: not group(process.pid), "no process of the sweep is left", 60)
    assert process.returncode == 128 + signal.SIGINT
    assert "Traceback" not in output
    assert output.endswith("stopped by Ctrl-C; the same command again goes on\n")


@pytest.mark.slow
def test_sixteen_workers_write_into_one_store_at_once(tmp_path: Path) -> None:
    give_store(tmp_path)
    done = sweep(tmp_path, "seed=range(16)", "launch.workers=16")
    assert done.returncode == 0, done.stderr
    assert [run.info.status for run in jobs_in(tmp_path)] == ["FINISHED"] * 16
    assert "locked" not in done.stdout + done.stderr
