"""What a command costs is counted with all the processes that it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench_command import CommandFailed, clean_environment, cost_of

WORK = "import time\nwhile time.process_time() < 0.3: pass"
LEFT_BEHIND = f"import os\nif not os.fork():\n    os.setsid()\n    exec({WORK!r})\n    os._exit(0)\nos._exit(0)"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")


def test_a_command_s_own_work_is_counted(tmp_path: Path) -> None:
    assert cost_of([sys.executable, "-c", WORK], tmp_path).cpu >= 0.3


def test_what_outlives_the_command_is_waited_for_and_counted(tmp_path: Path) -> None:
    assert cost_of([sys.executable, "-c", LEFT_BEHIND], tmp_path).cpu >= 0.3


def test_a_command_that_fails_is_told_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"exit code 3\nthere is no such thing"):
        cost_of([sys.executable, "-c", "import sys; print('there is no such thing'); sys.exit(3)"], tmp_path)


def test_runs_are_sent_to_no_other_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    assert not {"MLFLOW_TRACKING_URI", "HYDRA_FULL_ERROR"} & clean_environment().keys()
