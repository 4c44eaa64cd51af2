"""Whole sweeps, in processes of their own, read back from the store."""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commands import client_of
from processes import catches, group, line_of, started, wait_until, workers
from running import PATIENCE, give_store, run_new, run_nnexp

from nnexp.nn.weights_file import load
from nnexp.sweep.report import row_in

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

QUICK = ("-m", "experiments=quick", "epochs=3")
KILLS = int(os.environ.get("NNEXP_KILLS", "1"))  # of each sort


def sweep(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A sweep, in one process unless it is told how to launch: worker processes have tests of their own."""
    launched = any(word.startswith("launch") for word in words)
    return run_nnexp(folder, *QUICK, *words, *([] if launched else ["hydra/launcher=basic"]))


def all_in(folder: Path) -> list[Any]:
    client = client_of(folder)
    return list(client.search_runs([client.get_experiment_by_name("nnexp").experiment_id], max_results=1000))


def jobs_in(folder: Path) -> list[Any]:
    return [run for run in all_in(folder) if "nnexp.summary" not in run.data.tags]


def summaries_in(folder: Path) -> list[Any]:
    return [run for run in all_in(folder) if "nnexp.summary" in run.data.tags]


def text_of(folder: Path, run: Any, name: str) -> str:
    return Path(client_of(folder).download_artifacts(run.info.run_id, name)).read_text()


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A sweep of four jobs, and what it printed."""
    folder = give_store(tmp_path_factory.mktemp("swept"))
    done = run_new(folder, *QUICK, "eta=1,3", "seed=0,1", "sweep.name=first")
    assert done.returncode == 0, done.stderr
    return folder, done


Swept = tuple[Path, "subprocess.CompletedProcess[str]"]


def test_a_sweep_trains_every_combination(swept: Swept) -> None:
    found = {(run.data.params["eta"], run.data.params["seed"]) for run in jobs_in(swept[0])}
    assert found == {("1.0", "0"), ("1.0", "1"), ("3.0", "0"), ("3.0", "1")}
    assert {run.info.status for run in jobs_in(swept[0])} == {"FINISHED"}


def test_its_runs_are_called_by_what_varies_and_lie_flat(swept: Swept) -> None:
    runs = jobs_in(swept[0])
    assert {run.info.run_name for run in runs} == {"eta=1 seed=0", "eta=1 seed=1", "eta=3 seed=0", "eta=3 seed=1"}
    assert {run.data.tags["sweep"] for run in runs} == {"first"}
    assert not any("mlflow.parentRunId" in run.data.tags for run in runs)


def test_how_it_was_swept_is_no_setting_of_a_run(swept: Swept) -> None:
    assert not [name for name in jobs_in(swept[0])[0].data.params if name.startswith(("sweep", "launch"))]


def test_one_more_run_sums_it_up(swept: Swept) -> None:
    folder, _ = swept
    (summary,) = summaries_in(folder)
    rows = list(csv.DictReader(io.StringIO(text_of(folder, summary, "table.csv"))))
    best = max(jobs_in(folder), key=lambda run: run.data.metrics["best_validation_accuracy"])
    assert len(rows) == 4
    assert float(rows[0]["best validation"]) == best.data.metrics["best_validation_accuracy"]
    assert summary.data.tags["nnexp.best_run"] == rows[0]["run"]
    assert "| eta | seeds | best validation |" in summary.data.tags["mlflow.note.content"]
    assert summary.info.status == "FINISHED"


def test_its_end_shows_a_table_and_where_to_look(swept: Swept) -> None:
    _, done = swept
    lines = done.stdout.splitlines()
    assert lines[0] == "sweep first: 4 jobs, 0 of them done before"
    assert sum(line.split()[:1] in (["1/4"], ["2/4"], ["3/4"], ["4/4"]) for line in lines) == 4
    assert any(line.split()[:2] == ["eta", "seed"] for line in lines)
    said = dict.fromkeys(line.split()[0] for line in lines[-6:])
    assert list(said) == ["verdict", "best", "look", "summary", "curves", "means"]


def test_the_same_sweep_again_trains_nothing_and_finds_its_summary(swept: Swept) -> None:
    folder, _ = swept
    before = {run.info.run_id for run in all_in(folder)}
    again = sweep(folder, "eta=1,3", "seed=0,1", "sweep.name=first")
    assert again.returncode == 0
    assert "4 jobs, 4 of them done before" in again.stdout
    assert {run.info.run_id for run in all_in(folder)} == before


def test_one_more_value_runs_its_jobs_alone_and_another_sweep_shares_runs(swept: Swept) -> None:
    folder, _ = swept
    more = sweep(folder, "eta=1,3,2", "seed=0", "sweep.name=second")
    assert "3 jobs, 2 of them done before" in more.stdout
    assert len(jobs_in(folder)) == 5
    members = [run for run in jobs_in(folder) if run.data.tags.get("sweep.second")]
    assert len(members) == 3
    assert sum("sweep.first" in run.data.tags for run in jobs_in(folder)) == 4


def test_the_summary_keeps_what_an_earlier_command_has_added(swept: Swept) -> None:
    folder, _ = swept
    assert sweep(folder, "eta=1,3", "sweep.name=third").returncode == 0
    assert sweep(folder, "eta=4", "sweep.name=third", "seed=0,1").returncode == 0
    (summary,) = [run for run in summaries_in(folder) if run.data.tags["nnexp.summary"] == "third"]
    rows = list(csv.DictReader(io.StringIO(text_of(folder, summary, "table.csv"))))
    assert len(rows) == 4


def test_a_sweep_without_pictures_keeps_its_table_and_no_report(swept: Swept) -> None:
    folder, _ = swept
    assert sweep(folder, "eta=1,3", "seed=0", "sweep.name=plain", "pictures=false").returncode == 0
    (summary,) = [run for run in summaries_in(folder) if run.data.tags["nnexp.summary"] == "plain"]
    assert {file.path for file in client_of(folder).list_artifacts(summary.info.run_id)} == {"table.csv", "table.md"}


def test_settings_of_a_sweep_without_one_are_refused(swept: Swept) -> None:
    refused = run_nnexp(swept[0], "experiments=quick", "sweep.plan=true")
    assert refused.returncode == 2
    assert refused.stderr.startswith("sweep: these settings are for sweeps")


def test_a_plan_shows_all_jobs_and_runs_none(swept: Swept) -> None:
    folder, _ = swept
    before = {run.info.run_id for run in all_in(folder)}
    planned = sweep(folder, "eta=1,5", "seed=0,1", "sweep.plan=true")
    assert planned.returncode == 0, planned.stderr
    assert "4 jobs, 2 of them done; the others train for about" in planned.stdout
    assert sum("to do" in line for line in planned.stdout.splitlines()) == 2
    assert {run.info.run_id for run in all_in(folder)} == before


def test_two_ways_to_say_one_run_are_one_job(swept: Swept) -> None:
    planned = sweep(swept[0], "eta=6,6.0", "sweep.plan=true")
    assert "left out, since another is the same run: 1 job" in planned.stdout
    assert sum("to do" in line for line in planned.stdout.splitlines()) == 1


def test_all_problems_of_all_jobs_are_told_before_any_starts(swept: Swept) -> None:
    folder, _ = swept
    before = len(all_in(folder))
    refused = sweep(folder, "eta=7,-1", "seed=0,-2", "cost=foo,quadratic")
    assert refused.returncode == 2
    assert set(refused.stderr.splitlines()) == {
        "eta: got -1.0, expected a number > 0",
        "seed: got -2, expected a whole number >= 0",
        "cost: got 'foo', expected one of cross_entropy, quadratic",
    }
    assert len(all_in(folder)) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["eta=1,2", "sweep.exclude='eta > 0'"], "sweep.exclude: got 'eta > 0', which leaves out every job"),
        (["tracking.experiment=a,b"], "tracking: varies, expected one place where all jobs of a sweep are remembered"),
        (["resume=never,auto"], "resume: has several values, expected one for the whole sweep"),
        (["eta=1,2", "launch=foo"], "launch: got 'foo', expected one of joblib, parallel, serial"),
        (["eta=1,2", "launch.workers=0"], "launch.workers: got 0, expected a whole number > 0"),
        (["eta=8,9", "resume=require"], "resume: got 'require', but there is no run eta=8"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(swept: Swept, words: list[str], message: str) -> None:
    refused = sweep(swept[0], *words)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_job_that_diverges_fails_alone_and_alone_is_run_again(tmp_path: Path) -> None:
    give_store(tmp_path)
    words = ("eta=1000,1", "seed=0,1", "launch=parallel")
    first = sweep(tmp_path, *words)
    assert first.returncode == 1
    assert "2 of 4 jobs failed; the same command again runs them alone" in first.stderr
    assert "  eta=1000 seed=0: training diverged in epoch 2" in first.stderr
    assert sorted(run.info.status for run in jobs_in(tmp_path)) == ["FAILED", "FAILED", "FINISHED", "FINISHED"]
    (summary,) = summaries_in(tmp_path)
    assert summary.info.status == "FAILED"
    assert "2 runs left out, not finished: eta=1000 seed=" in text_of(
        tmp_path, summary, "report.html"
    )  # of what did finish
    again = sweep(tmp_path, *words)
    assert "4 jobs, 2 of them done before" in again.stdout
    assert len(jobs_in(tmp_path)) == 4


BUG = """
import nnexp.nn.costs.cross_entropy
def total(self, z, y):
    return 1 / 0  # the user's own line
nnexp.nn.costs.cross_entropy.CrossEntropy.total = total
"""


def test_a_bug_is_told_with_the_line_that_it_is_in(tmp_path: Path) -> None:
    give_store(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(BUG)
    words = ("cost=quadratic,cross_entropy", "hydra/launcher=basic")
    failed = run_new(tmp_path, *QUICK, *words, PYTHONPATH=str(tmp_path))
    assert failed.returncode == 1
    assert "cost=cross_entropy: ZeroDivisionError: division by zero" in failed.stderr
    assert "sitecustomize.py:4 in total: return 1 / 0  # the user's own line" in failed.stderr


@pytest.mark.slow
def test_what_is_edited_in_conf_meanwhile_changes_no_job(tmp_path: Path) -> None:
    """A preset is rewritten as soon as the first job has ended; the jobs after it are as they were planned."""
    give_store(tmp_path)
    preset = tmp_path / "my/experiments/mine.yaml"
    preset.parent.mkdir(parents=True)
    text = "# @package _global_\ndefaults:\n  - override /data: digits\nsizes: [64, 10, 10]\nepochs: {}\n"
    preset.write_text(text.format(2))
    words = ["-m", "--config-dir", "my", "experiments=mine", "seed=range(4)", "launch=serial"]
    with started(tmp_path, *words) as process:
        line_of(process, "1/4")
        preset.write_text(text.format(9))
        process.communicate()
    assert process.returncode == 0
    assert [run.data.params["epochs"] for run in jobs_in(tmp_path)] == ["2"] * 4


REPORT = """
import nnexp.compare.render.html
def report(*_):
    {}
nnexp.compare.render.html.report = report
"""


@pytest.mark.parametrize(
    ("line", "code", "status", "told"),
    [
        ("raise ValueError('a bug')", 0, "FINISHED", "the sweep's runs could not be compared: ValueError: a bug"),
        ("import os; os.kill(os.getpid(), 2)", 130, "KILLED", "stopped by SIGINT"),
    ],
    ids=["a bug", "Ctrl-C"],
)
def test_a_sweep_whose_report_fails_has_ended_all_the_same(
    tmp_path: Path, line: str, code: int, status: str, told: str
) -> None:
    give_store(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(REPORT.format(line))
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run_new(tmp_path, *QUICK, "seed=0,1", "hydra/launcher=basic", PYTHONPATH=path)
    assert (done.returncode, summaries_in(tmp_path)[0].info.status) == (code, status)
    assert told in done.stdout + done.stderr
    assert len(list(csv.DictReader(io.StringIO(text_of(tmp_path, summaries_in(tmp_path)[0], "table.csv"))))) == 2


def test_without_tracking_there_is_a_table_all_the_same(tmp_path: Path) -> None:
    done = sweep(tmp_path, "eta=1,3", "tracking=off")
    assert done.returncode == 0, done.stderr
    table = done.stdout.splitlines()
    first = table[next(number for number, line in enumerate(table) if line.split()[:1] == ["eta"]) + 1]
    assert f"best run eta={first.split()[0]}: " in table[-1]
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.slow
def test_joblib_launches_it_too(tmp_path: Path) -> None:
    give_store(tmp_path)
    done = sweep(tmp_path, "eta=1,1000", "launch=joblib")
    assert done.returncode == 1, done.stderr
    assert "1 of 2 jobs failed" in done.stderr
    assert sorted(run.info.status for run in jobs_in(tmp_path)) == ["FAILED", "FINISHED"]


def test_a_run_on_its_way_has_no_result_in_the_table() -> None:
    run: Any = SimpleNamespace(id="x", status="KILLED")
    assert row_in({}, run, {"test_accuracy": 0.8}).cells() == ["-", "-", "-", "-", "killed", "x"]


# Killed and interrupted.

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
    assert output.endswith("stopped by SIGINT; the same command again goes on\n")


@pytest.mark.slow
def test_sixteen_workers_write_into_one_store_at_once(tmp_path: Path) -> None:
    give_store(tmp_path)
    done = sweep(tmp_path, "seed=range(16)", "launch.workers=16")
    assert done.returncode == 0, done.stderr
    assert [run.info.status for run in jobs_in(tmp_path)] == ["FINISHED"] * 16
    assert "locked" not in done.stdout + done.stderr
