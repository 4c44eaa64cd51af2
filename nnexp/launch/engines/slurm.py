"""Pulling workers as one job array of Slurm: submitted, looked after and cancelled by Slurm's own commands.

Tried with 22.05; without accounting. See the man pages of sbatch, squeue, scontrol and scancel.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nnexp.errors import LaunchError, in_a_line
from nnexp.launch.engines.base import Facts
from nnexp.launch.engines.patience import waiting
from nnexp.printable import visible
from nnexp.runtime import owned_files

SECONDS = 60.0  # for an answer; Slurm's commands themselves wait for a controller that is busy
TRAP = "trap 'told=yes; kill -TERM $! 2> /dev/null' TERM"
SCRIPT, LOG = "slurm.sh", "slurm-%A_%a.log"
NO_VERDICT = re.compile("not available|busy", re.IGNORECASE)  # nodes that are down just now: the job may well wait
NO_SUCH_JOB = "Invalid job id"

# The end of a time limit is told to the shell alone, all else that ends a job to its worker too. Put back into the
# queue is what still runs then: a job that was cancelled would be revived by that, and one that gives way to another is
# put back by Slurm itself.
WORKER = """\
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
code=143
if [ ! "$told" ]; then
    {command} &
    while kill -0 $! 2> /dev/null; do wait $!; done
    wait $!; code=$?
fi
task=${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID
if [ "$told" ] && [ $code -ne 0 ] && scontrol show job "$task" | grep -q " JobState=RUNNING "; then
    scontrol requeue "$task"
fi
exit $code
"""


@dataclass
class SlurmEngine:
    """Workers in a job array. options: of sbatch, beside what a worker needs anyway. setup: lines of shell, before it.

    cores: of each task of the array; its worker does so many jobs at once.
    """

    options: Sequence[str]
    setup: Sequence[str]
    cores: int
    kind: str = "slurm"
    remembers: ClassVar[tuple[str, ...]] = ("array", "log")

    def check(self) -> None:
        """Raise `LaunchError` for options that Slurm does not take; nothing is submitted."""
        if not shutil.which("sbatch"):
            raise LaunchError("launch=slurm: sbatch is not on PATH, expected Slurm's commands on this machine")
        tried = _asked("sbatch", "--test-only", *self.options, "--wrap=:")
        if tried.returncode and not NO_VERDICT.search(tried.stderr):
            raise _refusal(tried, "options that it takes")

    def start(self, queue: Path, workers: int) -> Facts:
        queue, tasks = queue.absolute(), math.ceil(workers / self.cores)
        command = [*self._submission(queue, tasks), str(queue / SCRIPT)]
        owned_files.write(queue / SCRIPT, self.script(queue, command))
        sent = _asked(*command)
        number = re.match(r"(\d+)(;|$)", sent.stdout.strip())  # a federation says which cluster, too
        if sent.returncode or not number:
            raise _refusal(sent, "the number of a job")
        return {"array": number[1], "log": str(queue / LOG.replace("%A", number[1]).replace("%a", "*"))}

    def lost(self, facts: Facts) -> str:
        """See `Engine`. One call of squeue for all workers, and one of scontrol when none is left."""
        listed = _asked("squeue", "-h", "-r", "-j", facts["array"], "-o", "%i %T")
        if listed.returncode and NO_SUCH_JOB not in listed.stderr:
            return ""  # the controller does not answer: nothing is known
        if any(line and not line.startswith("CLUSTER:") for line in listed.stdout.splitlines()):
            return ""
        ends = _ends(_asked("scontrol", "-o", "show", "job", facts["array"]).stdout)
        return f"Slurm has no worker of job {facts['array']} any more{ends and f' ({ends})'}; see {facts['log']}"

    def cancel(self, facts: Facts) -> None:
        done = _asked("scancel", facts["array"])
        if done.returncode and NO_SUCH_JOB not in done.stderr:
            raise _refusal(done, f"the end of job {facts['array']}")

    def script(self, queue: Path, submitted: Sequence[str]) -> str:
        """What runs on the node: the set-up lines, then a worker. submitted: the command, for those who read it."""
        worker = [sys.executable, "-m", "nnexp.cli", "worker", str(queue), "--workers", str(self.cores)]
        head = ["#!/bin/bash", f"# Submitted by nnexp: {visible(shlex.join(submitted))}", TRAP]
        return "\n".join([*head, *self.setup, WORKER.format(command=shlex.join(worker))])

    def _submission(self, queue: Path, tasks: int) -> list[str]:
        """The command that submits the script; what it says wins over variables such as SBATCH_EXPORT."""
        return [
            "sbatch",
            "--parsable",
            *self.options,
            f"--array=0-{tasks - 1}",
            f"--job-name=nnexp-{queue.name}",
            f"--chdir={Path.cwd()}",
            f"--output={str(queue).replace('%', '%%')}/{LOG}",
            "--open-mode=append",
            "--export=ALL",
            "--requeue",
        ]


def _asked(*command: str) -> subprocess.CompletedProcess[str]:
    """What one of Slurm's commands answers; one that is not there, or takes too long, has failed."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("SQUEUE_")}  # its filters
    try:
        with waiting(f"launch=slurm: {command[0]}", SECONDS):
            return subprocess.run(  # noqa: S603
                command, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False
            )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer in {SECONDS:.0f} seconds")
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", in_a_line(error))


def _refusal(done: subprocess.CompletedProcess[str], expected: str) -> LaunchError:
    """The error for a command that has failed, with the end of what it says."""
    command, *_ = done.args
    said = (done.stderr or done.stdout).strip().splitlines() or [f"nothing, exit code {done.returncode}"]
    return LaunchError(f"launch=slurm: {command}: got {said[-1].removeprefix(f'{command}: ')!r}, expected {expected}")


def _ends(shown: str) -> str:
    """How workers ended, from what `scontrol show job` says of each: `2 CANCELLED, 1 FAILED with exit code 1`."""
    ends = Counter(map(_end, re.findall(r"^JobId=.*", shown, re.MULTILINE)))
    return ", ".join(f"{count} {end}" for end, count in ends.items())


def _end(record: str) -> str:
    said = dict(re.findall(r"\b(JobState|Reason|ExitCode)=(\S+)", record))
    code, _, signal = said.get("ExitCode", "0:0").partition(":")
    why = [f"with exit code {code}"] if code != "0" else [f"by signal {signal}"] if signal != "0" else []
    because = [] if said.get("Reason", "None") in ("None", "NonZeroExitCode") else [f"({said['Reason']})"]
    return " ".join([said.get("JobState", "UNKNOWN"), *why, *because])
