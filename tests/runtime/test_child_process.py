"""Child processes: none is left behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import gone

from nnexp.errors import UsageError
from nnexp.runtime.child_process import HOST, check_free, child


@pytest.mark.parametrize("deaf", ["", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"])
def test_a_child_and_what_it_has_started_are_ended(tmp_path: Path, deaf: str) -> None:
    told, stubborn = tmp_path / "told", tmp_path / "stubborn"
    stubborn.write_text(
        f"{deaf}import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"with open({str(told)!r}, 'w') as file:\n    file.write(f'{{inner.pid}} ')\n"
        "time.sleep(60)\n"
    )
    end = time.monotonic() + 10
    with child([sys.executable, str(stubborn)], {}, subprocess.DEVNULL) as server:
        while not (told.exists() and told.read_text().endswith(" ")):
            assert time.monotonic() < end, "it did not start"
            time.sleep(0.02)
        inner = int(told.read_text())
        assert not gone(inner)
    assert server.poll() is not None
    while not gone(inner):
        assert time.monotonic() < end, "the inner process is left"
        time.sleep(0.02)


TWICE = """
import os, signal, time
from nnexp.runtime.child_process import until_stopped

with until_stopped():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
        print("ended in good order")
"""


def test_a_second_signal_does_not_stop_what_ends_the_servers() -> None:
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("ended in good order\n", "", 0)


def test_a_port_that_is_taken_is_answered_by_one_that_is_free() -> None:
    with socket.create_server((HOST, 0)) as taken:
        with pytest.raises(
            UsageError, match=r"--there: got \d+, expected one that is free \(Address already"
        ) as refused:
            check_free(taken.getsockname()[1], "--there")
        check_free(int(str(refused.value).rpartition(": try --there ")[2]))
