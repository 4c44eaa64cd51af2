"""Whether the process that trains a run is still there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from nnexp.runtime.heartbeat import DEAD_AFTER_SECONDS, HEARTBEAT, HOST, PROCESS, is_alive, process, this_process


def test_this_process_is_alive() -> None:
    assert is_alive(this_process())


def test_a_process_that_has_ended_is_dead_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tags = this_process() | {PROCESS: process(child.pid)}
        assert is_alive(tags)
        child.kill()
    assert not is_alive(tags)


def test_a_process_that_has_another_start_is_another_process() -> None:
    assert not is_alive(this_process() | {PROCESS: f"{os.getpid()} 12345"})


@pytest.mark.parametrize(("age", "alive"), [(DEAD_AFTER_SECONDS - 1, True), (DEAD_AFTER_SECONDS + 1, False)])
def test_on_another_host_the_heartbeat_tells(age: float, alive: bool) -> None:
    tags = {HOST: "elsewhere", PROCESS: "1 1", HEARTBEAT: "1000"}
    assert is_alive(tags, now=lambda: 1000 + age) is alive


def test_a_run_that_nnexp_did_not_make_is_not_alive() -> None:
    assert not is_alive({})


def test_a_process_that_has_ended_is_dead_before_its_parent_has_noticed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tags = this_process() | {PROCESS: process(child.pid)}
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(tags)


def test_a_process_of_another_user_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "status", refused)
    assert is_alive(this_process())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux has /proc, which earlier versions read")
def test_a_process_is_written_as_earlier_versions_did() -> None:
    """The number, and field 22 of proc(5): so what they have left is understood."""
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    assert this_process()[PROCESS] == f"{os.getpid()} {ticks}"


def test_a_number_alone_is_taken_for_its_process_while_there_is_one() -> None:
    """So wrote earlier versions where there is no /proc."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tags = this_process() | {PROCESS: str(child.pid)}
        assert is_alive(tags)
        child.kill()
    assert not is_alive(tags)


@pytest.mark.parametrize("tag", ["", "none", "-1 1", "999999999 1", f"{10**30} 1"])
def test_what_names_no_process_is_dead(tag: str) -> None:
    assert not is_alive(this_process() | {PROCESS: tag})
