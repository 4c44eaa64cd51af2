"""What somebody sees who types a command at a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import environment

SOON = "from nnexp.runtime import waiting; waiting.SILENCE = waiting.SHORTEST = {silence}; "


def typed(folder: Path, front_door: str, *words: str, silence: float = 0.0) -> list[str]:
    """The lines that a terminal gets of a command that is silent for too long after so many seconds."""
    ours, theirs = pty.openpty()
    script = f"import sys; sys.argv[1:] = {words!r}; {SOON.format(silence=silence)}{front_door}"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment() | {"TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ):
        os.close(theirs)
        given = b""
        while piece := _read(ours):
            given += piece
    os.close(ours)
    return re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", given.decode()))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # what a terminal says that nobody writes to any more
        return b""


RUN, CLI = "from nnexp.run import main; main()", "from nnexp.cli import main; main()"


@pytest.mark.slow
def test_a_run_tells_what_it_waits_for_and_ends_with_what_to_type(tmp_path: Path) -> None:
    words = ["data=digits", "sizes=[64,10]", "epochs=3", "pictures=false"]
    lines = typed(tmp_path, RUN, *words)
    told = [line for line in lines if line.endswith(" ...")]
    assert {"starting ...", "importing what trains ...", "importing MLflow ..."} <= set(told)
    assert told[-1] == "keeping what the run has left ..."
    assert re.fullmatch(r"look +nnexp ui [0-9a-f]{8}", lines[-2])
    assert "importing MLflow ..." in typed(tmp_path, CLI, "runs")
    as_json = typed(tmp_path, CLI, "runs", "--json")
    assert [line for line in as_json if line.endswith(" ...")] == []


@pytest.mark.slow
def test_a_sweep_tells_what_it_waits_for(tmp_path: Path) -> None:
    words = ["-m", "data=digits", "sizes=[64,10]", "epochs=1", "pictures=false", "tracking=folder", "eta=1,2"]
    told = {line for line in typed(tmp_path, RUN, *words) if line.endswith(" ...")}
    assert {"planning 2 jobs ...", "importing what workers need ..."} <= told


@pytest.mark.slow
def test_the_end_of_a_sweep_is_not_glued_to_what_it_waited_for(tmp_path: Path) -> None:
    words = ["-m", "data=digits", "sizes=[64,10]", "epochs=1", "eta=1,2"]
    lines = typed(tmp_path, RUN, *words, silence=0.05)  # more than printing takes, less than summing up
    assert "summing the sweep up ..." in lines
    assert [line for line in lines if "report  " in line] == [line for line in lines if line.startswith("report  ")]
    assert lines[-2].startswith("report  ")


THREADS = """
import io, logging, threading, time
from nnexp.runtime.terminal import LogPrinter, print_line
from nnexp.runtime.waiting import doing

handlers = [LogPrinter(sys.stdout), logging.StreamHandler(io.StringIO())]
logging.basicConfig(handlers=handlers, format="%(message)s", level="INFO")

def compile():
    for number in range(50):
        logging.info("compiling %s", number)
        time.sleep(0.002)

others = [threading.Thread(target=compile) for _ in range(2)]
with doing("getting workers ready"):
    time.sleep(0.05)
    for other in others:
        other.start()
    for number in range(50):
        with doing("reading data"):
            print_line(f"line {number}", sys.stderr)
    for other in others:
        other.join()
"""


def test_lines_of_other_threads_stand_alone_on_a_true_terminal(tmp_path: Path) -> None:
    lines = typed(tmp_path, THREADS)
    assert "getting workers ready ..." in lines
    expected = [*(f"compiling {number}" for number in range(50)), *(f"line {number}" for number in range(50))]
    told = {"getting workers ready ...", "reading data ...", ""}
    assert sorted(line for line in lines if line not in told) == sorted([*expected, *expected[:50]])
