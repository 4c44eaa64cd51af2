"""What a run or a sweep that a signal has ended says of the same command again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from running import environment

STOPPED = """
import os, signal, sys
from {module} import {owner} as owner
from nnexp import run

before = owner.{name}

def stopped(*arguments, **options):
    result = before(*arguments, **options)
    if {when}:
        os.kill(os.getpid(), signal.SIGINT)
    return result

owner.{name} = stopped
sys.argv[1:] = {words!r}
run.main()
"""
WORDS = ["data=digits", "sizes=[64,10]", "epochs=2", "pictures=false"]
HEARD = {"module": "nnexp.train.history", "owner": "History", "name": "__call__"}
SHOWN = {"module": "nnexp.sweeps", "owner": "verdict", "name": "show", "when": "True"}


def last_line(folder: Path, *words: str, **where: str) -> str:
    """The last that a command says which gets SIGINT. where: the function behind which it does."""
    script = STOPPED.format(words=[*WORDS, *words], **where)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("epoch", "outlook"),
    [
        (1, "the same command again goes on after epoch 1"),
        (2, "all epochs are done, the same command again stores the result"),
    ],
)
def test_a_run_says_where_it_goes_on_if_any_epoch_is_left(tmp_path: Path, epoch: int, outlook: str) -> None:
    heard = HEARD | {"when": f"getattr(arguments[1], 'epoch', None) == {epoch}"}
    assert last_line(tmp_path, "tracking=folder", "checkpoint_seconds=0", **heard) == f"stopped by Ctrl-C; {outlook}"


@pytest.mark.slow
def test_of_a_run_or_a_sweep_that_no_store_remembers_nothing_is_kept(tmp_path: Path) -> None:
    heard = HEARD | {"when": "getattr(arguments[1], 'epoch', None) == 1"}
    outlook = "stopped by Ctrl-C; with tracking=off nothing is kept, and the same command again begins anew"
    assert last_line(tmp_path, "tracking=off", **heard) == outlook
    assert last_line(tmp_path, "tracking=off", "-m", "seed=0,1", "launch=serial", **SHOWN) == outlook


@pytest.mark.slow
def test_a_sweep_whose_jobs_are_all_done_does_not_say_that_it_goes_on(tmp_path: Path) -> None:
    outlook = "stopped by Ctrl-C; all jobs are done, the same command again shows the result"
    assert last_line(tmp_path, "tracking=folder", "-m", "seed=0,1", "launch=serial", **SHOWN) == outlook


def test_a_signal_among_the_first_imports_is_told_in_a_line(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from nnexp import run

class Signal:
    def find_spec(self, name, *_):
        if name == "nnexp.config.command_line":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Signal())
run.main()
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, "")
    assert done.stderr == "stopped by Ctrl-C; the same command again goes on\n"
