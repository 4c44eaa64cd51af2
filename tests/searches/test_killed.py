"""Searches that are killed, in processes of their own: the same trials, none double, and no process left."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from processes import group, started, wait_until, workers
from running import run_nnexp
from searching import runs, trials_in

KILLS = int(os.environ.get("NNEXP_KILLS", "1"))  # of each sort
LONG = ("-m", "search=tpe", "eta=tag(log,interval(0.1,10))", "mini_batch_size=choice(5,10,20)", "data=digits")
LONG += ("sizes=[64,30,10]", "epochs=60", "search.trials=12", "search.confirm=1", "pictures=false", "sweep.name=k")
LONG += ("tracking=folder", "launch.workers=2", "checkpoint_seconds=0.1")


def kill(killed: str, leader: int, rng: random.Random) -> None:
    """kill -9 of all processes of a search, of the one that asks, or of one that trains."""
    if killed == "all of it":
        os.killpg(leader, signal.SIGKILL)
    elif killed == "the parent alone":
        os.kill(leader, signal.SIGKILL)
    elif found := workers(leader):
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.kill(rng.choice(found), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
@pytest.mark.parametrize("prune", ["none", "asha"])
@pytest.mark.parametrize("killed", ["all of it", "the parent alone", "a worker alone"])
def test_a_search_killed_anywhere_goes_on_with_the_same_trials_and_no_run_is_double(
    tmp_path: Path, killed: str, prune: str, number: int
) -> None:
    rng = random.Random(f"{killed} {prune} {number}")
    words = (*LONG, f"search.prune={prune}")
    with started(tmp_path, *words) as process:
        wait_until(lambda: trials_in(tmp_path, "k") or process.poll() is not None, "a trial")
        time.sleep(rng.uniform(0.0, 5.0))  # whatever it is at by then
        kill(killed, process.pid, rng)
        process.communicate()
        wait_until(lambda: not group(process.pid), "no process of the search is left", 60)
    before = trials_in(tmp_path, "k")
    done = run_nnexp(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    after = trials_in(tmp_path, "k")
    assert len(after) == 12
    assert [trial.state for trial in after if trial.state not in ("COMPLETE", "PRUNED")] == []
    for old, new in zip(before, after, strict=False):
        assert not old.suggested or old.suggested == new.suggested
        assert old.state == "RUNNING" or old == new
    keys = [run.tags["nnexp.key"] for run in runs(tmp_path)]
    assert len(keys) == len(set(keys))
    assert {run.status for run in runs(tmp_path)} == {"FINISHED"}
    assert told(after) == told_by_runs(tmp_path, after)


def told(trials: list[Any]) -> dict[str, float]:
    """The value of each complete trial, by its settings as they are typed."""
    complete = [trial for trial in trials if trial.state == "COMPLETE"]
    return {" ".join(trial.suggested[name] for name in sorted(trial.suggested)): trial.values[0] for trial in complete}


def told_by_runs(folder: Path, trials: list[Any]) -> dict[str, float]:
    """The same by the runs of the first seed."""
    of_run = {
        " ".join(run.params[name] for name in ("eta", "mini_batch_size")): run.metrics["best_validation_accuracy"]
        for run in runs(folder)
        if run.params["seed"] == "0"
    }
    return {settings: value for settings, value in of_run.items() if settings in told(trials)}
