"""Whole sweeps, in processes of their own, read back from the store."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import client_of
from processes import line_of, started
from running import give_store, run_new, run_nnexp
from sweeping import QUICK, all_in, jobs_in, summaries_in, sweep

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")]


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
    assert lines[1].startswith("all of them: 64-")
    assert sum(line.split()[:1] in (["1/4"], ["2/4"], ["3/4"], ["4/4"]) for line in lines) == 4
    assert any(line.split()[:2] == ["eta", "seeds"] for line in lines)
    said = dict.fromkeys(line.split()[0] for line in lines[-4:])
    assert list(said) == ["verdict", "best", "look", "report"]
    assert "<html" in Path(lines[-1].split(maxsplit=1)[1]).read_text()


def test_the_same_sweep_again_trains_nothing_and_finds_its_summary(swept: Swept) -> None:
    folder, _ = swept
    before = {run.info.run_id for run in all_in(folder)}
    again = sweep(folder, "eta=1,3", "seed=0,1", "sweep.name=first")
    assert again.returncode == 0
    assert "4 jobs, 4 of them done before" in again.stdout
    assert {run.info.run_id for run in all_in(folder)} == before


def test_a_run_that_joins_a_finished_sweep_comes_into_its_report(swept: Swept) -> None:
    folder, _ = swept
    assert sweep(folder, "eta=1", "seed=0,1", "sweep.name=joined").returncode == 0
    assert sweep(folder, "eta=1,3", "seed=0,1", "sweep.name=joined").returncode == 0
    (summary,) = [run for run in summaries_in(folder) if run.data.tags["nnexp.summary"] == "joined"]
    assert "4 runs" in text_of(folder, summary, "report.html")


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
        "cost: got 'foo', expected one of cross_entropy, log_likelihood, quadratic",
    }
    assert len(all_in(folder)) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["eta=1,2", "sweep.exclude='eta > 0'"], "sweep.exclude: got 'eta > 0', which leaves out every job"),
        (["tracking.experiment=a,b"], "tracking: varies, expected one place where all jobs of a sweep are remembered"),
        (["resume=never,auto"], "resume: has several values, expected one for the whole sweep"),
        (["eta=1,2", "launch=foo"], "launch: got 'foo', expected one of joblib, parallel, ray, serial"),
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
    words = ("cost=quadratic,cross_entropy", "launch=serial")
    failed = run_new(tmp_path, *QUICK, *words, PYTHONPATH=str(tmp_path))
    assert failed.returncode == 1
    assert "cost=cross_entropy: ZeroDivisionError: division by zero" in failed.stderr
    assert "sitecustomize.py:4 in total: return 1 / 0  # the user's own line" in failed.stderr


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
import nnexp.comparison.render.html
def as_html(*_):
    {}
nnexp.comparison.render.html.as_html = as_html
"""


@pytest.mark.parametrize(
    ("line", "code", "status", "told"),
    [
        ("raise ValueError('a bug')", 0, "FINISHED", "the sweep's report could not be made: ValueError: a bug"),
        ("import os; os.kill(os.getpid(), 2)", 130, "KILLED", "stopped by Ctrl-C"),
    ],
    ids=["a bug", "Ctrl-C"],
)
def test_a_sweep_whose_report_fails_has_ended_all_the_same(
    tmp_path: Path, line: str, code: int, status: str, told: str
) -> None:
    give_store(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(REPORT.format(line))
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run_new(tmp_path, *QUICK, "seed=0,1", "launch=serial", PYTHONPATH=path)
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
