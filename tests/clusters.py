"""Sweeps on a cluster for the tests: what is typed, where it is typed, and what has come of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from namespaces import Namespace
from processes import end, rest_of, wait_until
from running import environment, run_nnexp

from nnexp.launch.pulling.queue import MOST_KILLS
from nnexp.nn.weights_file import load

RUN = ["data=digits", "sizes=[64,100,10]", "tracking=folder", "pictures=false", "checkpoint_seconds=0.2"]
SEEDS = 16
SWEEP = ["-m", *RUN, "epochs=200", f"seed=range({SEEDS})", "sweep.name=all"]


@contextmanager
def submitted(
    cluster: Namespace, folder: Path, *words: str, variables: Sequence[str] = ()
) -> Iterator[subprocess.Popen[str]]:
    """`python -m nnexp.run` on a machine in the cluster's network, until the block ends.

    variables: beside those of this process: `PATH=...`.
    """
    with subprocess.Popen(
        cluster.inside(*variables, sys.executable, "-u", "-m", "nnexp.run", *words),
        cwd=folder,
        env=environment(),
        text=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield process
        finally:
            end(process)


def finish(process: subprocess.Popen[str]) -> str:
    """What a command prints until it ends; it has to go well."""
    said = rest_of(process)
    assert process.returncode == 0, said
    return said


def done(folder: Path) -> int:
    """How many jobs have an outcome."""
    return len(list(folder.glob("outputs/sweeps/all/done/*.json")))


def under_way(folder: Path, more: int = 1) -> None:
    """Wait until so many more jobs are done, and others are trained.

    While enough of them are left, none of those is one that would be given up if it was killed once more.
    """
    before = done(folder)
    queue = folder / "outputs/sweeps/all"

    def can_be_killed() -> bool:
        endangered = any(queue.glob(f"*/*-{MOST_KILLS - 1}.*json"))
        few = len([*queue.glob("waiting/*")]) < SEEDS / 4
        return done(folder) >= before + more and any(queue.glob("claimed/*")) and (few or not endangered)

    wait_until(can_be_killed, "jobs")


def results(folder: Path) -> dict[str, list[str]]:
    """The weights after each epoch of each run, as their SHA-256; fails if one was run twice, or not to its end."""
    found: dict[str, list[str]] = {}
    for record in folder.glob("outputs/runs/*/run.json"):
        run = json.loads(record.read_text())
        if "seed" not in run["params"]:
            continue  # the sweep's summary
        assert run["name"] not in found, f"{run['name']} was run twice"
        assert run["status"] == "FINISHED", f"{run['name']}: {run['status']}"
        history = json.loads((record.parent / "epochs.json").read_text())
        assert load(record.parent / "weights.npz").fingerprint() == history[-1]["weights"]
        found[run["name"]] = [epoch["weights"] for epoch in history]
    return found


def one_after_the_other(folder: Path) -> dict[str, list[str]]:
    """The same of a sweep on this machine."""
    folder.mkdir()
    assert not run_nnexp(folder, *SWEEP, "launch=serial").returncode
    return results(folder)
