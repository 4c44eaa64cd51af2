"""What Slurm's commands are told, and what their answers mean. `test_slurm_cluster.py` has a real Slurm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import wait_until

from nnexp.errors import LaunchError
from nnexp.launch.engines import slurm
from nnexp.launch.engines.slurm import SlurmEngine

ENGINE = SlurmEngine(["--time=30"], ["module load gcc"], 2)
FACTS = {"array": "12", "log": "q/slurm-12_*.log"}

# What Slurm 22.05's `scontrol -o show job` prints, without what stands between and behind.
CANCELLED = "JobId=12 ArrayJobId=12 ArrayTaskId=1 JobName=nnexp JobState=CANCELLED Reason=None ExitCode=0:15 Command=x"
FAILED = "JobId=13 ArrayJobId=12 ArrayTaskId=0 JobName=nnexp JobState=FAILED Reason=NonZeroExitCode ExitCode=1:0 Power="
TIMEOUT = "JobId=14 ArrayJobId=12 ArrayTaskId=2 JobName=nnexp JobState=NODE_FAIL Reason=NodeDown ExitCode=0:0 Power="


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for commands that answer as Slurm's do; there are no others."""
    folder = tmp_path / "commands"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def answers(folder: Path, command: str, said: str = "", code: int = 0, stream: int = 1) -> None:
    """Have the command print that, and write down what it is told."""
    path = folder / command
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{path}.told'\necho '{said}' >&{stream}\nexit {code}\n")
    path.chmod(0o755)


def told(folder: Path, command: str) -> list[str]:
    return (folder / f"{command}.told").read_text().splitlines()


def test_an_array_has_a_task_for_each_of_its_cores(commands: Path, tmp_path: Path) -> None:
    answers(commands, "sbatch", "12;one")
    assert ENGINE.start(tmp_path, 5) == {"array": "12", "log": f"{tmp_path}/slurm-12_*.log"}
    assert "--array=0-2" in told(commands, "sbatch")


def test_what_a_worker_needs_comes_behind_the_options_of_the_user(commands: Path, tmp_path: Path) -> None:
    answers(commands, "sbatch", "12")
    ENGINE.start(tmp_path, 1)
    first, *words = told(commands, "sbatch")
    assert (first, words[0], words[-1]) == ("--parsable", "--time=30", str(tmp_path / "slurm.sh"))
    assert {"--export=ALL", "--requeue", f"--chdir={tmp_path}"} < set(words)


def test_a_percent_sign_in_a_folder_stays_one(commands: Path, tmp_path: Path) -> None:
    answers(commands, "sbatch", "12")
    (tmp_path / "50%a").mkdir()
    ENGINE.start(tmp_path / "50%a", 1)
    assert f"--output={tmp_path}/50%%a/slurm-%A_%a.log" in told(commands, "sbatch")


def test_a_folder_of_any_name_is_one_word_of_the_script(tmp_path: Path) -> None:
    queue = tmp_path / 'it\'s $(a) "queue"; x'
    lines = ENGINE.script(queue, ["sbatch", str(queue)]).splitlines()
    worker = next(line for line in lines if "nnexp.cli" in line).strip().removesuffix("&")
    said = subprocess.run(["bash", "-c", f"printf '%s\\n' {worker}"], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [sys.executable, "-m", "nnexp.cli", "worker", str(queue), "--workers", "2"]


def test_a_line_break_in_a_folder_adds_no_line_to_the_script(tmp_path: Path) -> None:
    lines = ENGINE.script(tmp_path, ["sbatch", "a\nrm -r b"]).splitlines()
    assert not [line for line in lines if line.startswith("rm")]


def test_set_up_lines_come_before_the_worker(tmp_path: Path) -> None:
    script = ENGINE.script(tmp_path, [])
    assert script.index("\nmodule load gcc\n") < script.index("nnexp.cli")


def test_no_variable_of_the_shell_is_written_into_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter22")
    assert "hunter22" not in ENGINE.script(tmp_path, [])


@pytest.mark.usefixtures("commands")
def test_without_slurm_on_path_it_says_what_is_missing() -> None:
    with pytest.raises(LaunchError, match="sbatch is not on PATH, expected Slurm's commands"):
        ENGINE.check()


def test_what_sbatch_refuses_is_told_in_its_words(commands: Path, tmp_path: Path) -> None:
    answers(commands, "sbatch", "sbatch: error: Batch job submission failed: Invalid qos", code=1, stream=2)
    with pytest.raises(LaunchError, match="sbatch: got 'error: Batch job submission failed: Invalid qos', expected"):
        ENGINE.start(tmp_path, 1)


def test_a_partition_that_there_is_not_is_told_before_anything_is_submitted(commands: Path) -> None:
    answers(commands, "sbatch", "allocation failure: Invalid partition name specified", code=1, stream=2)
    with pytest.raises(LaunchError, match="Invalid partition name"):
        ENGINE.check()
    assert "--test-only" in told(commands, "sbatch")


def test_a_controller_that_never_answers_is_told_and_not_waited_for_any_longer(
    commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (commands / "sbatch").write_text("#!/bin/sh\nexec /bin/sleep 100\n")
    (commands / "sbatch").chmod(0o755)
    monkeypatch.setattr(slurm, "SECONDS", 0.01)
    with pytest.raises(LaunchError, match="launch=slurm: sbatch: got 'no answer in 0 seconds', expected options"):
        ENGINE.check()


def test_nodes_that_are_down_just_now_are_no_reason_to_refuse(commands: Path) -> None:
    answers(commands, "sbatch", "allocation failure: Requested node configuration is not available", 1, 2)
    ENGINE.check()


def test_workers_are_not_lost_while_one_is_in_the_queue(commands: Path) -> None:
    answers(commands, "squeue", "12_1 PENDING")
    assert ENGINE.lost(FACTS) == ""
    assert told(commands, "squeue") == ["-h", "-r", "-j", "12", "-o", "%i %T"]


@pytest.mark.parametrize("said", ["Unable to contact slurm controller (connect failure)", "Socket timed out"])
def test_a_controller_that_does_not_answer_is_no_verdict(commands: Path, said: str) -> None:
    answers(commands, "squeue", f"slurm_load_jobs error: {said}", code=1, stream=2)
    assert ENGINE.lost(FACTS) == ""


def test_a_squeue_that_is_not_there_is_no_verdict(commands: Path) -> None:
    assert not list(commands.iterdir())
    assert ENGINE.lost(FACTS) == ""


def test_a_filter_of_the_user_for_squeue_hides_no_worker(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQUEUE_STATES", "RUNNING")
    (commands / "squeue").write_text('#!/bin/sh\n[ "$SQUEUE_STATES" ] || echo 12_1 PENDING\n')
    (commands / "squeue").chmod(0o755)
    assert ENGINE.lost(FACTS) == ""


def test_lost_workers_are_told_with_how_they_ended(commands: Path) -> None:
    answers(commands, "squeue")
    answers(commands, "scontrol", "\n".join([CANCELLED, FAILED, TIMEOUT]))
    assert ENGINE.lost(FACTS) == (
        "Slurm has no worker of job 12 any more (1 CANCELLED by signal 15, 1 FAILED with exit code 1, "
        "1 NODE_FAIL (NodeDown)); see q/slurm-12_*.log"
    )


def test_a_job_that_slurm_has_forgotten_is_lost(commands: Path) -> None:
    for command in ("squeue", "scontrol"):
        answers(commands, command, "slurm_load_jobs error: Invalid job id specified", code=1, stream=2)
    assert ENGINE.lost(FACTS) == "Slurm has no worker of job 12 any more; see q/slurm-12_*.log"


def test_to_cancel_is_one_scancel(commands: Path) -> None:
    answers(commands, "scancel")
    ENGINE.cancel(FACTS)
    assert told(commands, "scancel") == ["12"]


def test_a_scancel_that_fails_is_told(commands: Path) -> None:
    answers(commands, "scancel", "scancel: error: Access/permission denied", code=1, stream=2)
    with pytest.raises(LaunchError, match="Access/permission denied', expected the end of job 12"):
        ENGINE.cancel(FACTS)


WORKER = """#!/bin/bash
trap 'exit {code}' TERM
touch began
while :; do read -t 0.01 <> <(:); done
"""


def left(folder: Path, commands: Path, monkeypatch: pytest.MonkeyPatch, state: str, code: int) -> tuple[int, bool]:
    """The exit code of the script after a SIGTERM, and whether it has put its task back into the queue."""
    answers(commands, "scontrol", f"   JobState={state} Reason=None")
    worker = commands / "worker"
    worker.write_text(WORKER.format(code=code))
    worker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(worker))
    (folder / "script").write_text(SlurmEngine([], [], 1).script(folder, []))
    variables = {"PATH": f"{commands}:/usr/bin:/bin", "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "3"}
    with subprocess.Popen(["/bin/bash", "script"], cwd=folder, env=variables) as shell:
        wait_until((folder / "began").exists)
        os.kill(shell.pid, signal.SIGTERM)
    last = told(commands, "scontrol") if (commands / "scontrol.told").exists() else []
    return shell.returncode, last == ["requeue", "12_3"]


@pytest.mark.parametrize(
    ("state", "code", "expected"), [("RUNNING", 143, True), ("COMPLETING", 143, False), ("RUNNING", 0, False)]
)
def test_a_task_is_put_back_if_it_was_running_and_its_worker_was_not_done(
    tmp_path: Path, commands: Path, monkeypatch: pytest.MonkeyPatch, state: str, code: int, expected: bool
) -> None:
    assert left(tmp_path, commands, monkeypatch, state, code) == (code, expected)
